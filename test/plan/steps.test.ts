import { describe, expect, it } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";
import type { Connection } from "../../agent/model/connection.ts";
import type { Observed } from "../../agent/model/observed.ts";
import {
  entriesFor,
  fileOnDisk,
  freshHost,
  ikeUp,
  matchingHost,
  numberedConnection,
  planOf,
  runningCharon,
  type Sample,
  sample,
  sampleConnection,
  sampleEntry,
  sampleSettings,
  sampleTunnel,
  tunnelOf,
} from "../sample.ts";
import { lines, only } from "./step-lines.ts";

const VARIANTS: Record<string, Sample> = {
  "own, vti": sample(),
  "own, policy": sample({ settings: sampleSettings([sampleEntry({ routing: "policy" })]) }),
  "own, IKEv2": sample({ connections: [sampleConnection({ ikeVersion: 2 })] }),
};

const policyHost = (own: Sample): Partial<Observed> =>
  tunnelOf(own, 1).routing === "policy" ? { charon: runningCharon(own.desired, { sas: [ikeUp(tunnelOf(own, 1))] }) } : {};

describe("a host on which everything is as desired", () => {
  it.each(Object.keys(VARIANTS))("needs no step: %s", (name) => {
    const own = VARIANTS[name] ?? sample();
    expect(planOf(own, matchingHost(own, policyHost(own)))).toEqual({ steps: [], filesHeld: false, changing: [] });
  });

  it("needs no step with five hundred connections", () => {
    const connections = Array.from({ length: 500 }, (_, n) => numberedConnection(n));
    const own = sample({ settings: sampleSettings(entriesFor(connections)), connections });
    expect(own.desired.tunnels).toHaveLength(1000);
    expect(planOf(own, matchingHost(own)).steps).toEqual([]);
  });
});

describe("a host on which the agent has never been", () => {
  it("gets files, then links and routes, then conns, then tunnels", () => {
    const kinds = planOf(sample(), freshHost()).steps.map(({ kind }) => kind);
    const order = kinds.filter((kind, place) => kind !== kinds[place - 1]);
    expect(order).toEqual([
      "check-proposals",
      "write-file",
      "add-link",
      "set-sysctl",
      "replace-route",
      "add-rule",
      "restart-charon",
      "initiate",
    ]);
  });

  it("gets everything but tunnels while charon is away", () => {
    const steps = planOf(sample(), { ...freshHost(), charon: { kind: "absent", why: "it is stopped" } }).steps;
    expect(only(steps, "initiate", "terminate-ike", "reauthenticate", "update-conns", "start-charon")).toEqual([]);
    expect(only(steps, "write-file")).toHaveLength(3);
  });
});

describe("with nothing known", () => {
  it("whatever stands on the host stays", () => {
    const before = sample();
    const nothing = sample({ connections: [] });
    expect(planOf(nothing, matchingHost(before))).toEqual({ steps: [], filesHeld: true, changing: [] });
  });

  it("not even charon is started", () => {
    expect(
      planOf(sample({ connections: [] }), { ...freshHost(), charon: { kind: "absent", why: "" } }, { standalone: true }).steps,
    ).toEqual([]);
  });
});

const other = numberedConnection(1);
const settings = sampleSettings([sampleEntry(), ...entriesFor([other])]);
const both = sample({ settings, connections: [sampleConnection(), other] });

describe("a connection whose details are not known now", () => {
  const half = sample({ settings, connections: [other] });

  it("keeps its files, links, routes and SAs", () => {
    expect(planOf(half, matchingHost(both))).toEqual({ steps: [], filesHeld: true, changing: [] });
  });

  it("keeps them also when its details were refused", () => {
    const refused = sample({ settings, connections: [sampleConnection({ spaceCidr: "8.8.0.0/16" }), other] });
    expect(planOf(refused, matchingHost(both))).toEqual({ steps: [], filesHeld: true, changing: [] });
  });

  it("does not keep the others from being repaired", () => {
    const sas = both.desired.tunnels.slice(0, 3).map((tunnel) => ikeUp(tunnel));
    const down = { ...matchingHost(both), charon: runningCharon(both.desired, { sas }) };
    expect(lines(planOf(half, down).steps)).toEqual(["bring up spacegate.space-1.office.2: it is down"]);
  });

  it("does not keep the others' files back where the host never had its conns", () => {
    const { steps, filesHeld } = planOf(half, freshHost());
    expect(filesHeld).toBe(false);
    expect(only(steps, "write-file")).toHaveLength(3);
  });

  it("does not lose its routes to another that claims its block", () => {
    const rival: Connection = { ...other, spaceCidr: "10.0.0.0/16" };
    const claimed = sample({
      settings: sampleSettings([...entriesFor([rival]), sampleEntry()]),
      connections: [rival, sampleConnection()],
    });
    expect(claimed.result.missing).toEqual(["acme-space/office"]);
    const steps = planOf(claimed, matchingHost(sample())).steps;
    expect(only(steps, "replace-route").filter((line) => line.includes("metric 50"))).toEqual([]);
  });

  describe("while another one's details change", () => {
    const held = (changed: Connection) => lines(planOf(sample({ settings, connections: [changed] }), matchingHost(both)).steps);

    it("leaves the other one's tunnels as they are: its new conns cannot be written", () => {
      expect(held({ ...other, tunnels: [sampleTunnel(1, { ip: "34.8.8.8" }), sampleTunnel(2, { ip: "34.9.9.9" })] })).toEqual([]);
    });

    it("does not end a try that charon makes with the older conn: the next one would be no other", () => {
      const changed = { ...other, tunnels: [sampleTunnel(1, { ip: "34.8.8.8" }), sampleTunnel(2, { ip: "34.9.9.9" })] };
      const half = sample({ settings, connections: [changed] });
      const hung = ikeUp(tunnelOf(half, 1), { state: "CONNECTING", childSas: [] });
      const host = { ...matchingHost(both), charon: runningCharon(both.desired, { sas: [hung] }) };
      expect(lines(planOf(half, host).steps)).toEqual([]);
    });

    it("does not authenticate with a PSK that is in no file yet", () => {
      expect(held({ ...other, tunnels: other.tunnels.map((tunnel) => ({ ...tunnel, psk: new Secret("rotated") })) })).toEqual([]);
    });
  });

  it("does not make a new connection half: without its conns it gets no links and no tries", () => {
    const newcomer = numberedConnection(2);
    const three = sampleSettings([sampleEntry(), ...entriesFor([other, newcomer])]);
    const { steps, filesHeld } = planOf(sample({ settings: three, connections: [other, newcomer] }), matchingHost(both));
    expect(filesHeld).toBe(true);
    // Only what lets nothing out in clear is there already.
    expect(lines(steps)).toEqual([`set the route ${newcomer.spaceCidr} unreachable, table 254, metric 20000`]);
  });
});

describe("a connection that is taken out of the settings", () => {
  const { steps } = planOf(sample({ settings: sampleSettings(entriesFor([other])), connections: [other] }), matchingHost(both));

  it("is taken out of the files and off the host, and nobody else is touched", () => {
    const links = both.desired.links
      .filter(({ remote }) => remote === "34.203.187.158" || remote === "34.227.70.143")
      .map(({ name }) => name);
    expect(only(steps, "write-file")).toEqual(["write /etc/ipsec.conf", "write /etc/ipsec.secrets"]);
    expect(only(steps, "delete-link")).toEqual(links.map((name) => `delete the VTI link ${name}`));
    expect(only(steps, "terminate-ike")).toEqual([
      "end spacegate.acme-space.office.1[1]: its connection is no longer in the settings",
      "end spacegate.acme-space.office.2[2]: its connection is no longer in the settings",
    ]);
    expect(lines(steps).filter((line) => line.includes("space-1"))).toEqual([]);
  });

  it("leaves its conns before its SAs are ended, or charon would bring them up again", () => {
    const kinds = steps.map(({ kind }) => kind);
    expect(kinds.indexOf("update-conns")).toBeGreaterThan(kinds.lastIndexOf("write-file"));
    expect(kinds.indexOf("terminate-ike")).toBeGreaterThan(kinds.indexOf("update-conns"));
  });
});

describe("a changed VPN gateway address", () => {
  const before = sample();
  const changed = (...ips: [string, string]) =>
    sample({ connections: [sampleConnection({ tunnels: [sampleTunnel(1, { ip: ips[0] }), sampleTunnel(2, { ip: ips[1] })] })] });

  it("is written, loaded and begun before anything is ended", () => {
    const own = changed("34.203.187.158", "34.9.9.9");
    const link = tunnelOf(own, 2).link;
    expect(lines(planOf(own, matchingHost(before)).steps)).toEqual([
      "have charon check the proposals ike=aes256-sha256-modp2048 esp=aes256-sha256-modp2048",
      "write /etc/ipsec.conf",
      "write /etc/ipsec.secrets",
      `change the VTI link ${link} to 34.9.9.9`,
      "have charon read the secrets again",
      "have charon read the conns again",
      "bring up spacegate.acme-space.office.2: it changed",
    ]);
  });

  it("of both tunnels turns one link, and leaves the carrier's under its old SAs", () => {
    const own = changed("34.8.8.8", "34.9.9.9");
    const steps = planOf(own, matchingHost(before)).steps;
    expect(only(steps, "change-link", "initiate")).toEqual([
      `change the VTI link ${tunnelOf(own, 2).link} to 34.9.9.9`,
      "bring up spacegate.acme-space.office.2: it changed",
    ]);
  });

  it("of the carrier touches nothing yet, and says whose traffic must move first", () => {
    const own = changed("34.8.8.8", "34.227.70.143");
    const { steps, changing } = planOf(own, matchingHost(before));
    expect(only(steps, "change-link", "initiate", "terminate-ike")).toEqual([]);
    expect(changing).toEqual(["spacegate.acme-space.office.1"]);
  });
});

it("a step's words never tell a PSK", () => {
  const text = JSON.stringify(planOf(sample(), freshHost()).steps);
  for (const psk of ["abcdef12345", "123456abcdef"]) {
    expect(text).not.toContain(psk);
    expect(text).not.toContain(Buffer.from(psk).toString("base64"));
  }
});

it("an unchanged file that somebody edited is put back, and charon told", () => {
  const own = sample();
  const host = matchingHost(own);
  const edited = {
    ...host,
    files: { ...host.files, "/etc/ipsec.secrets": fileOnDisk("# Written by spacegate.\nedited\n", { mode: 0o600 }) },
  };
  expect(lines(planOf(own, edited).steps)).toEqual(["write /etc/ipsec.secrets"]);
});
