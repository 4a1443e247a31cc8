import { describe, expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { Secret } from "../../agent/lib/secret.ts";
import type { DesiredTunnel } from "../../agent/model/desired.ts";
import { renderFiles } from "../../agent/render/files.ts";
import { builtInTemplates, DOCUMENTED, fileOf, fingerprint, type Sample, sample, sampleConnection, tunnelOf } from "../sample.ts";
import { CASES } from "./cases.ts";
import { parseConf } from "./conf-parser.ts";
import { parseSecrets } from "./secrets-parser.ts";

const textOf = (own: Sample, role: Parameters<typeof fileOf>[1]): string => fileOf(own, role).content.reveal();

/** Files of the sample with these changes to its first tunnel, whatever validation would have said. */
const filesWith = (changes: Partial<DesiredTunnel>, templates = builtInTemplates()) => {
  const { desired } = sample();
  const [first, ...rest] = desired.tunnels;
  if (!first) throw new Error("the sample has no tunnel");
  return renderFiles({ ...desired, tunnels: [{ ...first, ...changes }, ...rest] }, templates, fingerprint);
};

const contentOf = (files: ReturnType<typeof filesWith>, role: string): string =>
  files.find((file) => file.role === role)?.content.reveal() ?? "";

const failureOf = (job: () => unknown): SpacegateError => {
  try {
    job();
  } catch (thrown) {
    if (thrown instanceof SpacegateError) return thrown;
    throw thrown;
  }
  throw new Error("it did not fail");
};

describe("golden files", () => {
  for (const [name, own] of Object.entries(CASES)) {
    it.each(["ipsec.conf", "ipsec.secrets", "strongswan.conf"] as const)(`${name}: %s`, async (role) => {
      await expect(textOf(own, role)).toMatchFileSnapshot(`golden/${name}/${role}`);
    });
  }
});

describe("the margin before keys end", () => {
  const margins = (changes: Partial<DesiredTunnel>): string[] =>
    contentOf(filesWith(changes), "ipsec.conf").match(/margintime=\S+/g) ?? [];

  it("is charon's own for lifetimes that leave room for it", () => {
    expect(margins({ ikeLifetimeS: 1800, childLifetimeS: 1800 })).toEqual([]);
  });

  it("is a sixth of the shorter lifetime where charon's own would be longer than that", () => {
    expect(margins({ ikeLifetimeS: 28_800, childLifetimeS: 1799 })).toEqual(["margintime=299s"]);
    expect(margins({ ikeLifetimeS: 60, childLifetimeS: 30 })).toEqual(["margintime=5s"]);
  });
});

/** Word for word from the article's filled-in example, except what does not work: see the next two tests. */
const documentedConn = (remote: string): Record<string, string> => ({
  type: "tunnel",
  compress: "no",
  keyexchange: "ikev1",
  ikelifetime: "28800s",
  lifetime: "1h",
  authby: "secret",
  left: "172.16.0.2",
  leftid: "172.16.0.2",
  leftsubnet: "172.16.0.0/16",
  right: remote,
  rightid: remote,
  rightsubnet: "10.0.0.0/16",
  dpddelay: "10",
  dpdtimeout: "30",
  dpdaction: "restart",
  keyingtries: "%forever",
});

/** `sha2` is an algorithm that charon does not know, and nothing may wait for traffic. */
const CORRECTED = { esp: "aes256-sha256-modp2048!", ike: "aes256-sha256-modp2048!", auto: "add" };

describe("ipsec.conf with the documented values", () => {
  it("has exactly the documented settings with policy routing, but for the proposals and auto", () => {
    const { "config setup": _setup, ...conns } = parseConf(textOf(CASES["own-policy"], "ipsec.conf"));
    expect(conns).toEqual({
      "conn spacegate.acme-space.office.1": { ...documentedConn("34.203.187.158"), ...CORRECTED },
      "conn spacegate.acme-space.office.2": { ...documentedConn("34.227.70.143"), ...CORRECTED },
    });
  });

  it("adds with vti a mark to each, and nothing else", () => {
    const own = CASES["own-vti"];
    const { "config setup": _setup, ...conns } = parseConf(textOf(own, "ipsec.conf"));
    const mark = (index: 1 | 2) => ({ mark: String(tunnelOf(own, index).mark) });
    expect(conns).toEqual({
      "conn spacegate.acme-space.office.1": { ...documentedConn("34.203.187.158"), ...CORRECTED, ...mark(1) },
      "conn spacegate.acme-space.office.2": { ...documentedConn("34.227.70.143"), ...CORRECTED, ...mark(2) },
    });
    expect(tunnelOf(own, 1).mark).not.toBe(tunnelOf(own, 2).mark);
  });

  it("has the documented config setup, which with include is the owner's", () => {
    expect(parseConf(textOf(CASES["own-vti"], "ipsec.conf"))["config setup"]).toEqual({ strictcrlpolicy: "no", uniqueids: "no" });
    expect(parseConf(textOf(CASES["include-vti"], "ipsec.conf"))["config setup"]).toBeUndefined();
  });

  it("has with IKEv2 its key exchange, and no reauthentication, which would break before it makes", () => {
    const { "conn spacegate.acme-space.office.1": conn } = parseConf(textOf(CASES["own-ikev2"], "ipsec.conf"));
    expect(conn).toMatchObject({ keyexchange: "ikev2", reauth: "no" });
  });

  it("writes lifetimes that are no whole hours in seconds", () => {
    const [, conn] = Object.values(parseConf(contentOf(filesWith({ childLifetimeS: 5400 }), "ipsec.conf")));
    expect(conn?.lifetime).toBe("5400s");
  });
});

describe("ipsec.secrets", () => {
  it("has one entry a tunnel, for its pair of addresses", () => {
    expect(parseSecrets(textOf(CASES["own-vti"], "ipsec.secrets"))).toEqual([
      { selectors: [DOCUMENTED.local, "34.203.187.158"], type: "PSK", secret: "abcdef12345" },
      { selectors: [DOCUMENTED.local, "34.227.70.143"], type: "PSK", secret: "123456abcdef" },
    ]);
  });

  it("is readable by root alone", () => {
    expect(fileOf(sample(), "ipsec.secrets").mode).toBe(0o600);
  });

  /** Numbers that look random and are the same in every run. */
  const numbers = (seed: number) => (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const PIECES = [
    '"',
    "'",
    " ",
    " : ",
    "#",
    " # ",
    "\\",
    "$",
    "`",
    "0s",
    "0x",
    ": PSK",
    "include /etc/passwd",
    "{{psk}}",
    "%any",
    "ü",
    "a",
    "=",
  ];

  it("lets no PSK out of its entry, whatever it is made of", () => {
    const next = numbers(42);
    for (let round = 0; round < 500; round += 1) {
      const psk = Array.from({ length: 1 + next(12) }, () => PIECES[next(PIECES.length)]).join("");
      const [first, second, ...more] = parseSecrets(contentOf(filesWith({ psk: new Secret(psk) }), "ipsec.secrets"));
      expect(first).toEqual({ selectors: [DOCUMENTED.local, "34.203.187.158"], type: "PSK", secret: psk });
      expect(second?.secret).toBe("123456abcdef");
      expect(more).toEqual([]);
    }
  });

  it("is what a parser would break on, were a PSK written between quotes", () => {
    expect(() => parseSecrets('1.1.1.1 2.2.2.2 : PSK "a"b"')).toThrow("something follows");
  });

  it("writes a PSK with a line break as one line", () => {
    const files = filesWith({ psk: new Secret('x"\n: PSK "everybody') });
    expect(parseSecrets(contentOf(files, "ipsec.secrets"))).toHaveLength(2);
  });
});

describe("control characters", () => {
  const BAD = ["\n", "\r", "\t", "\0", "\u001b", "\u007f", "\u0085", "\u2028", "\u2029"];
  const fields: (keyof DesiredTunnel)[] = ["conn", "local", "remote", "localTs", "remoteTs", "ikeProposal", "espProposal"];

  it.each(fields)("are refused in %s, and nothing is rendered", (field) => {
    for (const character of BAD) {
      const error = failureOf(() => filesWith({ [field]: `a${character}leftupdown=/tmp/x` }));
      expect(error.code).toBe("CONNECTION_INVALID");
      expect(error.message).toContain("control character");
    }
  });

  it.each(["space", "name"] as const)("are refused in the connection's %s, which stands in a comment", (field) => {
    const error = failureOf(() => filesWith({ ref: { space: "a", name: "b", [field]: "x\nconn evil" } }));
    expect(error.message).toBe(`${field} contains a control character; nothing was written.`);
  });
});

describe("what is shown", () => {
  it.each(Object.keys(CASES))("has no PSK in it, in clear or in base64: %s", (name) => {
    const own = CASES[name as keyof typeof CASES];
    const shown = own.files.map((file) => file.shown).join("\n");
    for (const { psk } of own.desired.tunnels) {
      expect(shown).not.toContain(psk.reveal());
      expect(shown).not.toContain(Buffer.from(psk.reveal()).toString("base64"));
    }
  });

  it("has the fingerprint in its place", () => {
    const own = sample();
    const { psk } = tunnelOf(own, 1);
    expect(fileOf(own, "ipsec.secrets").shown).toContain(`172.16.0.2 34.203.187.158 : PSK <psk ${fingerprint(psk)}>\n`);
  });

  it("is the file itself where there is no PSK in it", () => {
    for (const role of ["ipsec.conf", "strongswan.conf"] as const) {
      const file = fileOf(sample(), role);
      expect(file.shown).toBe(file.content.reveal());
    }
  });

  it("hides a PSK also where an owner's template puts it", () => {
    const templates = { ...builtInTemplates(), "ipsec.conf": "{{#each tunnels}}# {{psk}}\n{{/each}}" };
    const shown = filesWith({}, templates).map((file) => file.shown);
    expect(shown.join("\n")).not.toContain(Buffer.from("abcdef12345").toString("base64"));
  });
});

describe("paths and modes", () => {
  const placed = (name: keyof typeof CASES) => CASES[name].files.map(({ path, mode }) => `${path} ${mode.toString(8)}`);

  it("are strongSwan's main files in own mode", () => {
    expect(placed("own-vti")).toEqual(["/etc/ipsec.conf 644", "/etc/ipsec.secrets 600", "/etc/strongswan.d/spacegate.conf 644"]);
  });

  it("are files of the agent's own in include mode", () => {
    expect(placed("include-vti")).toEqual([
      "/etc/ipsec.d/spacegate.conf 644",
      "/etc/ipsec.d/spacegate.secrets 600",
      "/etc/strongswan.d/spacegate.conf 644",
    ]);
  });
});

describe("the daemon's fragment", () => {
  it("keeps charon from routing only where VTI links do it", () => {
    expect(textOf(CASES["own-vti"], "strongswan.conf")).toMatch(/^ {2}install_routes = no$/m);
    expect(textOf(CASES["own-policy"], "strongswan.conf")).not.toContain("install_routes");
  });
});

describe("an owner's template", () => {
  const withTemplate = (text: string) => () => filesWith({}, { ...builtInTemplates(), "ipsec.conf": text });

  it.each([
    { title: "that does not parse", text: "{{#each tunnels}}" },
    { title: "that names what is not there", text: "{{nonsense}}" },
    { title: "that names what a tunnel has not", text: "{{#each tunnels}}{{nonsense}}{{/each}}" },
    { title: "that calls a helper that is not there", text: "{{shell 'id'}}" },
    { title: "that reaches for a prototype", text: "{{constructor.constructor}}" },
  ])("$title is refused by the name of its file", ({ text }) => {
    const error = failureOf(withTemplate(text));
    expect(error.code).toBe("TEMPLATE_INVALID");
    expect(error.message).toContain("ipsec.conf.hbs");
    expect(error.fix).toContain("/etc/spacegate/templates/ipsec.conf.hbs");
  });

  it("puts two numbers beside each other, and does not add them up", () => {
    const text = contentOf(withTemplate("{{#each tunnels}}{{dpddelay}}{{dpdtimeout}};{{/each}}")(), "ipsec.conf");
    expect(text).toContain("1030;1030;");
  });

  it("writes quotes and ampersands as they are", () => {
    const files = filesWith(
      { localTs: '"a"&<b>' },
      { ...builtInTemplates(), "ipsec.conf": "{{#each tunnels}}{{localTs}}{{/each}}" },
    );
    expect(contentOf(files, "ipsec.conf")).toContain('"a"&<b>');
  });

  it("that leaves the header out gets it all the same, or its file would be taken for the owner's", () => {
    const text = contentOf(withTemplate("# mine\n")(), "ipsec.conf");
    expect(text).toBe("# Written by spacegate. DO NOT EDIT: changes are put back.\n# mine\n");
  });
});

describe("equal inputs", () => {
  it("give equal files, in whatever order they come", () => {
    const { settings } = CASES["own-several"];
    const connections = ["acme-space", "other-space"].map((space) =>
      sampleConnection(space === "acme-space" ? {} : { space, spaceCidr: "10.20.0.0/16" }),
    );
    const texts = [connections, connections.toReversed()].map((given) =>
      sample({ settings, connections: given }).files.map((file) => file.content.reveal()),
    );
    expect(texts[0]).toEqual(texts[1]);
  });
});
