import { describe, expect, it } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";
import type { Connection } from "../../agent/model/connection.ts";
import { type Problem, validateConnection, validateTogether } from "../../agent/plan/validate.ts";
import { sampleConnection, sampleEntry, sampleFacts, sampleSettings, sampleTunnel } from "../sample.ts";

interface Case {
  readonly connection?: Partial<Connection>;
  readonly local?: object;
  readonly addresses?: readonly string[];
}

const problemsOf = ({ connection = {}, local = {}, addresses = ["172.16.0.2"] }: Case): Problem[] => {
  const entry = sampleEntry({ local: { address: "172.16.0.2", subnets: ["172.16.0.0/16"], ...local } });
  const [settings] = sampleSettings([entry]).connections;
  if (!settings) throw new Error("the sample has no connection");
  return validateConnection(sampleConnection(connection), settings, sampleFacts({ addresses }));
};

const tunnels = (changes: Parameters<typeof sampleTunnel>[1]) => ({ tunnels: [sampleTunnel(1), sampleTunnel(2, changes)] });
const psk = (text: string): Case => ({ connection: tunnels({ psk: new Secret(text) }) });
/** A local subnet that the space may route to. */
const local = (subnet: string, connection: Partial<Connection> = {}): Case => ({
  local: { subnets: [subnet] },
  connection: { routableCidrs: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], ...connection },
});

it("finds nothing wrong with the documentation's example", () => {
  expect(problemsOf({})).toEqual([]);
});

const NO_CUSTOMER_IPS = [sampleTunnel(1, { customerIp: "" }), sampleTunnel(2, { customerIp: "" })];

interface Row {
  readonly title: string;
  readonly given: Case;
  readonly severity?: Problem["severity"];
  readonly field: string;
  readonly value: string;
  readonly message: RegExp;
  readonly fix: RegExp;
}

const INFO = /heroku spaces:vpn:info/;
const RENUMBER = /Renumber/;

const ROWS: readonly Row[] = [
  {
    title: "a space block that is none",
    given: { connection: { spaceCidr: "10.0.0.1/16" } },
    field: "space_cidr_block",
    value: "10.0.0.1/16",
    message: /not an IPv4 block such as 10\.0\.0\.0\/16/,
    fix: INFO,
  },
  {
    title: "a public space block",
    given: { connection: { spaceCidr: "8.8.0.0/16" } },
    field: "space_cidr_block",
    value: "8.8.0.0/16",
    message: /RFC 1918/,
    fix: INFO,
  },
  {
    title: "a space block that only begins within RFC 1918",
    given: { connection: { spaceCidr: "172.16.0.0/11" } },
    field: "space_cidr_block",
    value: "172.16.0.0/11",
    message: /not an IPv4 block|RFC 1918/,
    fix: INFO,
  },
  {
    title: "a local subnet within the space's block",
    given: local("10.0.4.0/24"),
    field: "local.subnets",
    value: "10.0.4.0/24",
    message: /overlaps the space's block 10\.0\.0\.0\/16/,
    fix: RENUMBER,
  },
  {
    title: "a local subnet around the space's block",
    given: local("10.8.0.0/13", { spaceCidr: "10.9.0.0/16" }),
    field: "local.subnets",
    value: "10.8.0.0/13",
    message: /overlaps the space's block 10\.9\.0\.0\/16/,
    fix: RENUMBER,
  },
  {
    title: "a local subnet that every space uses",
    given: local("172.17.9.0/24"),
    field: "local.subnets",
    value: "172.17.9.0/24",
    message: /overlaps 172\.17\.0\.0\/16/,
    fix: RENUMBER,
  },
  {
    title: "a local subnet where data services go",
    given: local("10.1.2.0/24"),
    severity: "warning",
    field: "local.subnets",
    value: "10.1.2.0/24",
    message: /overlaps 10\.1\.0\.0\/16.*data services/,
    fix: RENUMBER,
  },
  {
    title: "a local subnet that Heroku has no route to",
    given: { connection: { routableCidrs: ["172.16.0.0/17", "192.168.0.0/24"] } },
    field: "local.subnets",
    value: "172.16.0.0/16",
    message: /not within the connection's routable_cidrs \(172\.16\.0\.0\/17, 192\.168\.0\.0\/24\)/,
    fix: /--cidrs/,
  },
  {
    title: "no routable networks at all",
    given: { connection: { routableCidrs: [] } },
    field: "local.subnets",
    value: "172.16.0.0/16",
    message: /\(none\)/,
    fix: /--cidrs/,
  },
  {
    title: "the same address twice",
    given: { connection: tunnels({ ip: "34.203.187.158" }) },
    field: "tunnels[1].ip",
    value: "34.203.187.158",
    message: /same address as the first/,
    fix: /Fetch the details again/,
  },
  ...["10.0.0.9", "127.0.0.1", "203.0.113.10", "0.0.0.0", "224.0.0.5", "34.203.187", "", "::1"].map((ip) => ({
    title: `a VPN gateway at "${ip}"`,
    given: { connection: tunnels({ ip }) },
    field: "tunnels[1].ip",
    value: ip,
    message: /not a public IPv4 address/,
    fix: INFO,
  })),
  {
    title: "no PSK",
    given: psk(""),
    field: "tunnels[1].pre_shared_key",
    value: "",
    message: /empty/,
    fix: /Heroku makes the PSK/,
  },
  ...["with blank", "with\nbreak", "with\ttab", "schlüssel", "\u0000", "a\u007f"].map((text) => ({
    title: `a PSK such as ${JSON.stringify(text)}`,
    given: psk(text),
    field: "tunnels[1].pre_shared_key",
    value: "",
    message: /not printable ASCII/,
    fix: /Heroku makes the PSK/,
  })),
  {
    title: "a PSK that is no PSK",
    given: psk("x".repeat(257)),
    field: "tunnels[1].pre_shared_key",
    value: "",
    message: /257 characters long, 256 at most/,
    fix: /Heroku makes the PSK/,
  },
  {
    title: "another public address than Heroku expects",
    given: {
      local: { public_address: "52.1.1.1" },
      connection: { tunnels: [sampleTunnel(1, { customerIp: "52.1.1.1" }), sampleTunnel(2)] },
    },
    severity: "warning",
    field: "tunnels[1].customer_ip",
    value: "52.91.173.226",
    message: /its public address is 52\.1\.1\.1$/,
    fix: /--ip/,
  },
  {
    title: "a host whose public addresses are others",
    given: {
      addresses: ["172.16.0.2", "52.1.1.1", "52.1.1.2"],
      connection: { tunnels: [sampleTunnel(1, { customerIp: "" }), sampleTunnel(2)] },
    },
    severity: "warning",
    field: "tunnels[1].customer_ip",
    value: "52.91.173.226",
    message: /52\.1\.1\.1 or 52\.1\.1\.2/,
    fix: /--ip/,
  },
  {
    title: "another public address than the connection's own, where the tunnels say none",
    given: { local: { public_address: "52.1.1.1" }, connection: { tunnels: NO_CUSTOMER_IPS } },
    severity: "warning",
    field: "public_ip",
    value: "52.91.173.226",
    message: /its public address is 52\.1\.1\.1$/,
    fix: /--ip/,
  },
];

describe("refuses, by field and value and with a fix,", () => {
  it.each(ROWS)("$title", ({ given, severity = "error", field, value, message, fix }) => {
    const problems = problemsOf(given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ connection: "acme-space/office", severity, field, value });
    expect(problems[0]?.message).toMatch(message);
    expect(problems[0]?.fix).toMatch(fix);
  });
});

describe("takes", () => {
  it.each<{ title: string; given: Case }>([
    { title: "every printable character in a PSK", given: psk("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~") },
    { title: "a PSK of 256 characters", given: psk("x".repeat(256)) },
    { title: "a local subnet within a larger routable one", given: { connection: { routableCidrs: ["172.16.0.0/12"] } } },
    { title: "a local subnet beside 172.17.0.0/16", given: local("172.18.0.0/16") },
    { title: "the public address that Heroku expects", given: { local: { public_address: "52.91.173.226" } } },
    { title: "a host that has the expected address among others", given: { addresses: ["52.1.1.1", "52.91.173.226"] } },
    { title: "a host behind NAT, whose public address nobody knows", given: { addresses: ["172.16.0.2"] } },
    {
      title: "a public_ip that is another, where the tunnels say what counts",
      given: { local: { public_address: "52.91.173.226" }, connection: { publicIp: "52.1.1.1" } },
    },
    {
      title: "details with neither customer_ip nor public_ip",
      given: { local: { public_address: "52.1.1.1" }, connection: { publicIp: "", tunnels: NO_CUSTOMER_IPS } },
    },
  ])("$title", ({ given }) => {
    expect(problemsOf(given)).toEqual([]);
  });
});

it("names everything that is wrong at once", () => {
  const fields = problemsOf({
    connection: {
      spaceCidr: "8.8.0.0/16",
      tunnels: [sampleTunnel(1, { psk: new Secret("") }), sampleTunnel(2, { ip: "10.0.0.1" })],
    },
  });
  expect(fields.map(({ field }) => field)).toEqual(["space_cidr_block", "tunnels[0].pre_shared_key", "tunnels[1].ip"]);
});

it.each(["s3cret with blank", "s3cret\nbreak", `s3cret${"x".repeat(300)}`])("never tells a PSK: %j", (text) => {
  expect(JSON.stringify(problemsOf(psk(text)))).not.toContain("s3cret");
});

describe("several connections on one gateway", () => {
  const at = (space: string, spaceCidr: string) => sampleConnection({ space, spaceCidr });
  const refused = (...connections: Connection[]) =>
    validateTogether(connections).map(({ connection, message }) => [connection, message]);

  it("may have blocks side by side", () => {
    expect(refused(at("a", "10.0.0.0/16"), at("b", "10.1.0.0/16"), at("c", "192.168.0.0/24"))).toEqual([]);
  });

  it("must not have the same block: the later one is refused, and says whose it is", () => {
    const [problem, ...more] = validateTogether([at("a", "10.0.0.0/16"), at("b", "10.0.0.0/16")]);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ connection: "b/office", severity: "error", field: "space_cidr_block", value: "10.0.0.0/16" });
    expect(problem?.message).toBe("overlaps 10.0.0.0/16 of a/office: one gateway cannot reach both");
    expect(problem?.fix).toMatch(/gateway of its own/);
  });

  it("must not lie within each other, however far apart they are in the list", () => {
    expect(refused(at("a", "10.0.9.0/24"), at("b", "192.168.0.0/24"), at("c", "10.0.0.0/16"), at("d", "10.0.7.0/24"))).toEqual([
      ["d/office", "overlaps 10.0.0.0/16 of c/office: one gateway cannot reach both"],
      ["a/office", "overlaps 10.0.0.0/16 of c/office: one gateway cannot reach both"],
    ]);
  });

  it("agrees with comparing each with each", () => {
    const blocks = [
      "10.0.0.0/8",
      "10.0.0.0/16",
      "10.200.0.0/13",
      "10.3.0.0/16",
      "192.168.0.0/25",
      "192.168.0.128/25",
      "172.16.0.0/12",
    ];
    const kept = blocks.map((block) => at(block.replaceAll(/[./]/g, "-"), block));
    expect(
      validateTogether(kept)
        .map(({ value }) => value)
        .sort(),
    ).toEqual(["10.0.0.0/16", "10.200.0.0/13", "10.3.0.0/16"]);
  });
});
