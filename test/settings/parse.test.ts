import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../agent/settings/parse.ts";
import { FILE, problemsOf, refusalOf, SMALLEST, told } from "./problems.ts";

const connectionWith = (lines: string): string => `${SMALLEST}${lines.replace(/^/gm, "    ")}\n`;

describe("settings that are right", () => {
  it("fills in every default", () => {
    expect(parseSettings(SMALLEST, FILE)).toEqual({
      heroku: { source: "platform-api", poll_interval: "60s", timeout: "10s" },
      connections: [
        {
          space: "acme-space",
          name: "office",
          local: { address: "auto", subnets: ["172.16.0.0/16"] },
          routing: "auto",
          steering: { prefer: 1, hold_down: "60s" },
          proposals: { ike: "aes256-sha256-modp2048", esp: "aes256-sha256-modp2048" },
          lifetimes: { ike: "8h", child: "1h" },
          dpd: { delay: "10s", timeout: "30s" },
        },
      ],
      privatelinks: [],
      install: { mode: "own" },
      firewall: { manage: true, forward: "connections" },
      sysctls: { manage: true },
      reconcile_interval: "10s",
      listen: { address: "127.0.0.1", port: 9747, plain_http: false },
      metrics: { torilabs_names: false },
      log: { level: "info" },
    });
  });

  it("keeps what is written", async () => {
    const text = await readFile(new URL("full.yaml", import.meta.url), "utf8");
    const settings = parseSettings(text, FILE);
    expect(settings.heroku).toEqual({ source: "file", file: "/etc/spacegate/vpn.json", poll_interval: "90s", timeout: "5s" });
    expect(settings.connections.map(({ name }) => name)).toEqual(["office", "branch"]);
    expect(settings.connections[0]?.probe).toEqual({
      target: "10.0.0.10",
      protocol: "tcp",
      port: 443,
      interval: "200ms",
      misses: 5,
    });
    expect(settings.listen).toEqual({ address: "10.1.2.3", port: 9000, plain_http: true });
  });

  it("reads the example that people start from", () => {
    const text = `heroku:
  source: platform-api          # platform-api | heroku-cli | file
  poll_interval: 60s
connections:
  - space: acme-space
    name: office
    local: { address: auto, subnets: [172.16.0.0/16] }
    routing: auto               # auto | vti | policy
    probe: { target: 10.0.0.10, protocol: icmp, interval: 200ms, misses: 3 }
listen: { address: 127.0.0.1, port: 9747 }
`;
    const { probe, ...rest } = parseSettings(text, FILE).connections[0] ?? {};
    expect(rest).toEqual(parseSettings(SMALLEST, FILE).connections[0]);
    expect(probe).toEqual({ target: "10.0.0.10", protocol: "icmp", interval: "200ms", misses: 3 });
  });

  it("may use anchors, CRLF and comments", () => {
    const text = `# two offices
connections:
  - { space: a, name: one, local: &here { subnets: [10.9.0.0/16] } }
  - { space: a, name: two, local: *here }
`.replaceAll("\n", "\r\n");
    expect(parseSettings(text, FILE).connections[1]?.local.subnets).toEqual(["10.9.0.0/16"]);
  });
});

describe("one wrong value", () => {
  it.each([
    ["a wrong type", "routing: 5", "5:14 connections[0].routing", "must be one of auto, vti, policy", "5", "auto"],
    [
      "a word that is none of the choices",
      "routing: vtl",
      "5:14 connections[0].routing",
      "must be one of auto, vti, policy",
      '"vtl"',
      "auto",
    ],
    ["an empty value", "routing:", "5:5 connections[0].routing", "must be one of auto, vti, policy", "nothing", "auto"],
    ["a duration without a unit", "dpd: { delay: 10 }", "5:19 connections[0].dpd.delay", "must be text", "10", "10s"],
    [
      "a duration with a wrong unit",
      "dpd: { delay: 10 sec }",
      "5:19 connections[0].dpd.delay",
      "must be a number with a unit: ms, s, m, h or d",
      '"10 sec"',
      "10s",
    ],
    [
      "a duration out of range",
      "dpd: { delay: 0s }",
      "5:19 connections[0].dpd.delay",
      "must be between 1s and 1h",
      '"0s"',
      "10s",
    ],
    [
      "a duration finer than strongSwan's",
      "dpd: { delay: 1.5s }",
      "5:19 connections[0].dpd.delay",
      "must be whole seconds: strongSwan knows nothing finer here",
      '"1.5s"',
      "10s",
    ],
    [
      "an address that is none",
      "probe: { target: 10.0.0 }",
      "5:22 connections[0].probe.target",
      "must be an IPv4 address",
      '"10.0.0"',
      "10.0.0.10",
    ],
    [
      "a fraction",
      "probe: { target: 10.0.0.9, misses: 1.5 }",
      "5:40 connections[0].probe.misses",
      "must be a whole number",
      "1.5",
      "3",
    ],
    [
      "a number out of range",
      "probe: { target: 10.0.0.9, misses: 101 }",
      "5:40 connections[0].probe.misses",
      "must be at most 100",
      "101",
      "3",
    ],
    [
      "a list in place of a mapping",
      "probe: []",
      "5:12 connections[0].probe",
      "must be a mapping of keys to values",
      "a list",
      "{ target: 10.0.0.10 }",
    ],
    [
      "a proposal for injection",
      'proposals: { ike: "aes256!" }',
      "5:23 connections[0].proposals.ike",
      "must be algorithms joined by hyphens, without spaces, commas or '!'",
      '"aes256!"',
      "aes256-sha256-modp2048",
    ],
    [
      "tcp without a port",
      "probe: { target: 10.0.0.9, protocol: tcp }",
      "5:5 connections[0].probe.port",
      "protocol tcp needs a port, and icmp takes none",
      "-",
      "443",
    ],
  ])("%s", (_, line, ...expected) => {
    const [place, message, value, example] = expected;
    expect(told(connectionWith(line))).toEqual([`${place} | ${message} | ${value} | ${example}`]);
  });

  it.each([
    [
      "a block that is public",
      "8.8.8.0/24",
      "must lie within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918): Heroku routes nothing else",
    ],
    ["a block with host bits", "10.0.0.1/8", "must be an IPv4 block whose host bits are zero"],
    ["a block without a length", "10.0.0.0", "must be an IPv4 block whose host bits are zero"],
    ["a block too long", "10.0.0.0/33", "must be an IPv4 block whose host bits are zero"],
    ["an IPv6 block", "fd00::/8", "must be an IPv4 block whose host bits are zero"],
  ])("%s", (_, block, message) => {
    const text = SMALLEST.replace("[172.16.0.0/16]", `[172.16.0.0/16, "${block}"]`);
    expect(told(text)).toEqual([`4:39 connections[0].local.subnets[1] | ${message} | "${block}" | 172.16.0.0/16`]);
  });

  it("a name with shell characters", () => {
    expect(told(SMALLEST.replace("office", "a;reboot"))).toEqual([
      '3:11 connections[0].name | must be lower-case letters, digits and inner hyphens, 64 at most | "a;reboot" | office',
    ]);
  });

  it("a missing key is missed where its mapping is", () => {
    expect(told("connections:\n  - space: a\n    name: b\n    local:\n      address: auto\n")).toEqual([
      "4:5 connections[0].local.subnets | is required | - | [172.16.0.0/16]",
    ]);
    expect(told("log: { level: info }\n")).toEqual([
      "1:1 connections | is required | - | [{ space: acme-space, name: office, local: { subnets: [172.16.0.0/16] } }]",
    ]);
  });

  it("an empty list", () => {
    expect(told("connections: []\n")[0]).toMatch(/^1:14 connections \| must have at least 1 entry \| a list/);
  });

  it("the file of a source that takes none, also beside an unknown key", () => {
    expect(told(`${SMALLEST}heroku:\n  file: /x\n  colour: red\n`)).toEqual([
      '6:9 heroku.file | source file needs `file: PATH`, and the other sources take none | "/x" | /etc/spacegate/connections.json',
      "7:3 heroku.colour | unknown key; known here: source, file, poll_interval, timeout | - | source: platform-api",
    ]);
  });

  it("a path with a control character", () => {
    expect(told(`${SMALLEST}heroku: { source: file, file: "/a\\nb" }\n`)).toEqual([
      '5:31 heroku.file | must be an absolute path without control characters | "/a\\nb" | /etc/spacegate/connections.json',
    ]);
  });
});

describe("unknown keys", () => {
  it("suggests the nearest", () => {
    expect(told(`${SMALLEST}listen: { prot: 9000 }\n`)).toEqual([
      "5:11 listen.prot | unknown key; did you mean port? | - | port: 9747",
    ]);
  });

  it("names the known ones when none is near", () => {
    expect(told(`${SMALLEST}banana: 1\n`)).toEqual([
      "5:1 banana | unknown key; known here: heroku, connections, privatelinks, install, firewall, sysctls, reconcile_interval, listen, metrics, log | - | heroku: { source: platform-api }",
    ]);
  });

  it("never shows their values: they may be secrets in the wrong place", () => {
    const refusal = refusalOf(connectionWith('psk: "s3cr3t-psk-value"'));
    expect(JSON.stringify([refusal.message, refusal.details])).not.toContain("s3cr3t");
  });

  it.each(["__proto__", "constructor", "hasOwnProperty"])("refuses %s as any other", (key) => {
    expect(told(`${SMALLEST}${key}: 1\n`)[0]).toMatch(new RegExp(`^5:1 ${key} \\| unknown key`));
  });

  it("escapes what would change the terminal", () => {
    expect(told(`${SMALLEST}"a\\e[2Jb": 1\n`)[0]).toContain('["a\\u001b[2Jb"]');
    expect(refusalOf("a: *b\u009b2J").message).toContain("*b\\u{9b}2J");
  });
});

describe("values that look like secrets", () => {
  it.each([
    "HRKU-01234567-89ab-cdef-0123-456789abcdef",
    "b1946ac92492d2347c6235b4d2611184",
    "01234567-89ab-cdef-0123-456789abcdef",
  ])("does not show %s", (secret) => {
    const refusal = refusalOf(`${SMALLEST}log: { level: ${secret} }\n`);
    expect(JSON.stringify([refusal.message, refusal.details])).not.toContain(secret);
    expect(problemsOf(refusal)[0]?.value).toBe('"[redacted]"');
  });

  it("cuts long values", () => {
    expect(problemsOf(refusalOf(connectionWith(`routing: ${"no ".repeat(100)}`)))[0]?.value).toHaveLength(60);
  });
});

describe("text that is not one YAML mapping", () => {
  it.each([
    [
      "two keys on one line",
      "a: b: c",
      "1:4 ",
      "two keys on one line, or a value with a colon and without quotes",
      "-",
      'key: "a: b"',
    ],
    ["a tab", `${SMALLEST}\tlog: {}`, "5:1 ", "tabs cannot indent YAML", "-", "two spaces"],
    ["two documents", `${SMALLEST}---\na: 1`, "5:1 ", "there must be one document only: remove the line ---", "-", "-"],
    ["an open quote", "a: 'x", "1:6 ", "is not YAML: Missing closing 'quote", "-", "-"],
    ["an unknown tag", "connections: !js []", "1:14 ", "is not YAML: Unresolved tag: !js", "-", "-"],
    ["a key that is a list", "? [a]\n: 1", "1:3 ", "a key must be plain text", "-", "-"],
    ["a reference to nothing", "a: *b", "1:4 ", "the reference *b has no anchor &b above it", "-", "-"],
    ["a deep nest", "{".repeat(5000), expect.any(String), "is nested too deeply", "-", "-"],
  ])("%s", (_, text, place, message, value, example) => {
    const [first] = problemsOf(refusalOf(text));
    expect(`${first?.line}:${first?.column} ${first?.path}`).toEqual(place);
    expect([first?.message, first?.value ?? "-", first?.example ?? "-"]).toEqual([message, value, example]);
  });

  it.each(["", "# only a comment\n", "---\n"])("%j is empty", (text) => {
    expect(refusalOf(text).message).toMatch(new RegExp(`^${FILE}: is empty; for example \\{ connections: `));
  });

  it.each([
    ["- a", "a list"],
    ["hello", '"hello"'],
    ["null", "nothing"],
  ])("%s is no mapping", (text, value) => {
    expect(told(text)[0]).toContain(`1:1  | must be a mapping of keys to values | ${value} | { connections: `);
  });

  it("tells a repeated key with its path, and what else is wrong", () => {
    expect(told(`${SMALLEST.replace("name: office", "name: office\n    name: branch")}log: { level: x }\n`)).toEqual([
      "4:5 connections[0].name | is written twice: keep one | - | name: office",
      '6:15 log.level | must be one of debug, info, warn, error | "x" | info',
    ]);
  });

  it("tells every syntax error", () => {
    expect(told("a: 1\na: 2\nb: [1\n").map((text) => text.slice(0, 3))).toEqual(["2:1", "4:1"]);
  });
});

describe("anchors", () => {
  it("refuses references that multiply", () => {
    const tens = ["a: &a [1,1,1,1,1,1,1,1,1,1]"];
    for (const [from, to] of ["ab", "bc", "cd", "de"]) tens.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(",")}]`);
    expect(told(tens.join("\n"))).toEqual(["1:1  | its anchors and references expand too far | - | -"]);
  });

  it("refuses more references than settings can need", () => {
    expect(told(`a: &a 1\nb: [${Array(101).fill("*a").join(", ")}]`)[0]).toMatch(
      /^2:\d+ {2}\| has more than 100 references to anchors/,
    );
  });

  it("survives a reference to itself", () => {
    expect(told("connections: &a [*a]").length).toBeGreaterThan(0);
  });
});

describe("all problems at once", () => {
  const text = `heroku:
  source: fil
  pol_interval: 2m
connections:
  - space: Acme
    local: { address: 7, subnets: [8.8.8.0/24, 10.0.0.0/8] }
    dpd: { delay: 60s }
listen: { address: 0.0.0.0 }
`;

  it("tells them in the order of the file", () => {
    expect(told(text).map((line) => line.split(" | ")[0])).toEqual([
      "2:11 heroku.source",
      "3:3 heroku.pol_interval",
      "5:5 connections[0].name",
      "5:12 connections[0].space",
      "6:23 connections[0].local.address",
      "6:36 connections[0].local.subnets[0]",
      "7:19 connections[0].dpd.delay",
      "8:20 listen.address",
    ]);
  });

  it("tells them in lines that editors can follow", () => {
    const { message, fix } = refusalOf(text);
    expect(message.split("\n")).toContain(
      `${FILE}:2:11 heroku.source: must be one of platform-api, heroku-cli, file; got "fil"; for example platform-api`,
    );
    expect(fix).toContain("spacegate schema");
  });

  it("shows fifty lines and keeps the rest in its details", () => {
    const refusal = refusalOf(Array.from({ length: 60 }, (_, index) => `key${index}: 1`).join("\n"));
    expect(refusal.message.split("\n")).toHaveLength(51);
    expect(refusal.message).toMatch(/and 11 more$/);
    expect(problemsOf(refusal)).toHaveLength(61);
  });
});
