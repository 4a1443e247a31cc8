import { describe, expect, it } from "vitest";
import { parseSettings } from "../../agent/settings/parse.ts";
import { FILE, SMALLEST, told } from "./problems.ts";

const withSubnets = (subnets: string): string => SMALLEST.replace("[172.16.0.0/16]", subnets);
const connectionWith = (line: string): string => `${SMALLEST}    ${line}\n`;

describe("rules between keys", () => {
  it("refuses a connection that is there already", () => {
    const again = "  - { space: acme-space, name: office, local: { subnets: [10.9.0.0/16] } }\n";
    expect(told(SMALLEST + again)).toEqual([
      '5:32 connections[1].name | must differ: connections[0] has the same space and name | "office" | branch',
    ]);
  });

  it("lets two spaces have connections of one name", () => {
    const other = "  - { space: other-space, name: office, local: { subnets: [172.16.0.0/16] } }\n";
    expect(parseSettings(SMALLEST + other, FILE).connections).toHaveLength(2);
  });

  it("refuses subnets of one connection that overlap", () => {
    expect(told(withSubnets("[172.16.0.0/16, 192.168.0.0/24, 172.16.4.0/24]"))).toEqual([
      '4:55 connections[0].local.subnets[2] | must not overlap connections[0].local.subnets[0] (172.16.0.0/16) | "172.16.4.0/24" | 10.20.0.0/16',
    ]);
  });

  it("refuses a subnet that is written twice", () => {
    expect(told(withSubnets("[10.0.0.0/8, 10.0.0.0/8]"))[0]).toContain(
      "must not overlap connections[0].local.subnets[0] (10.0.0.0/8)",
    );
  });

  it("lets neighbouring subnets be", () => {
    expect(parseSettings(withSubnets("[172.16.0.0/24, 172.16.1.0/24]"), FILE).connections[0]?.local.subnets).toHaveLength(2);
  });

  it.each([
    [
      "dpd: { delay: 20s, timeout: 20s }",
      '5:33 connections[0].dpd.timeout | must be longer than dpd.delay (20s), or a peer is given up before it is asked | "20s" | 60s',
    ],
    [
      "dpd: { delay: 1m }",
      '5:19 connections[0].dpd.delay | must be shorter than dpd.timeout (30s), or a peer is given up before it is asked | "1m" | 10s',
    ],
    [
      "dpd: { timeout: 10s }",
      '5:21 connections[0].dpd.timeout | must be longer than dpd.delay (10s), or a peer is given up before it is asked | "10s" | 30s',
    ],
    [
      "lifetimes: { ike: 1h }",
      '5:23 connections[0].lifetimes.ike | must be longer than lifetimes.child (1h), or no CHILD_SA is ever renewed within its IKE_SA | "1h" | 10800s',
    ],
    [
      "lifetimes: { child: 9h }",
      '5:25 connections[0].lifetimes.child | must be shorter than lifetimes.ike (8h), or no CHILD_SA is ever renewed within its IKE_SA | "9h" | 1h',
    ],
  ])("refuses %s", (line, problem) => {
    expect(told(connectionWith(line))).toEqual([problem]);
  });

  it("refuses an unprotected listener beyond loopback", () => {
    expect(told(`${SMALLEST}listen: { address: 0.0.0.0 }\n`)).toEqual([
      '5:20 listen.address | is beyond loopback, where nothing is served without listen.tls ({} is enough), or listen.plain_http: true | "0.0.0.0" | 127.0.0.1',
    ]);
  });

  it("refuses TLS together with its opposite", () => {
    expect(told(`${SMALLEST}listen: { address: 10.1.2.3, tls: {}, plain_http: true }\n`)).toEqual([
      "5:51 listen.plain_http | contradicts listen.tls: keep one of them | true | false",
    ]);
  });

  it.each([
    ["tls: { certificate: /a.pem }", "listen.tls.key | certificate and key go together: give both or neither"],
    ["tls: { key: /a.pem }", "listen.tls.key | certificate and key go together: give both or neither"],
    ["tls: { client_ca: /a.pem }", "listen.tls.client_ca | client_ca needs client_certificates: required"],
    ["tls: { certificate: a.pem, key: b.pem }", "listen.tls.certificate | must be an absolute path without control characters"],
    ["tls: { names: ['*.example.com'] }", "listen.tls.names[0] | must be a DNS name without wildcards, or an IPv4 address"],
    ["tls: true", "listen.tls | must be a mapping of keys to values"],
    ["token_file: token", "listen.token_file | must be an absolute path without control characters"],
  ])("refuses %s", (line, problem) => {
    expect(told(`${SMALLEST}listen: { ${line} }\n`)[0]).toContain(problem);
  });

  it.each(["{ address: 127.0.0.2 }", "{ address: 0.0.0.0, plain_http: true }", "{ address: 0.0.0.0, tls: {} }"])(
    "lets it listen on %s",
    (listen) => {
      expect(parseSettings(`${SMALLEST}listen: ${listen}\n`, FILE).listen.port).toBe(9747);
    },
  );
});
