import { describe, expect, it } from "vitest";
import { portOf, protocolOf } from "../../agent/model/privatelink-settings.ts";
import { parseSettings } from "../../agent/settings/parse.ts";
import { FILE, SMALLEST, told } from "./problems.ts";

const PLACE = "region: us-east-1, vpc: vpc-0a1b2c3d4e5f60718";
const INSIDE = "subnets: [subnet-0a1b2c3d4e5f60718], allowed_cidrs: [10.20.0.0/16]";
const REDIS = `name: orders, app: acme-app, addon: redis-kvs-12345, ${PLACE}, ${INSIDE}`;

const withLinks = (...links: string[]): string =>
  `${SMALLEST}privatelinks:\n${links.map((link) => `  - { ${link} }\n`).join("")}`;

/** Path and message of each problem. */
const problems = (...links: string[]): string[] =>
  told(withLinks(...links)).map((line) =>
    line
      .replace(/^\S+ privatelinks/, "")
      .split(" | ")
      .slice(0, 2)
      .join(" | "),
  );

const link = (text: string) => parseSettings(withLinks(text), FILE).privatelinks[0];

describe("the settings of a PrivateLink", () => {
  it("are none by default", () => {
    expect(parseSettings(SMALLEST, FILE).privatelinks).toEqual([]);
  });

  it("need app, add-on, place and who may connect; the rest has defaults", () => {
    expect(link(REDIS)).toEqual({
      name: "orders",
      app: "acme-app",
      addon: "redis-kvs-12345",
      type: "interface",
      region: "us-east-1",
      vpc: "vpc-0a1b2c3d4e5f60718",
      subnets: ["subnet-0a1b2c3d4e5f60718"],
      route_tables: [],
      allowed_cidrs: ["10.20.0.0/16"],
      accounts: [],
      private_dns: false,
      check_interval: "60s",
    });
  });

  it("take a service by its name, and a gateway endpoint for S3", () => {
    expect(link(`name: logs, service: com.amazonaws.us-east-1.logs, private_dns: true, ${PLACE}, ${INSIDE}`)?.private_dns).toBe(
      true,
    );
    const gateway = `name: s3, type: gateway, service: com.amazonaws.us-east-1.s3, ${PLACE}, route_tables: [rtb-0a1b2c3d]`;
    expect(link(gateway)?.route_tables).toEqual(["rtb-0a1b2c3d"]);
  });

  it.each([
    [{ addon: "redis-kvs-12345" }, "redis", 6379],
    [{ addon: "postgresql-curved-98765" }, "postgres", 5432],
    [{ addon: "kafka-solid-1" }, "kafka", 9096],
    [{ addon: "my-favourite" }, undefined, undefined],
    [{ addon: "my-favourite", protocol: "postgres", port: 5433 }, "postgres", 5433],
    [{ service: "com.amazonaws.us-east-1.kinesis-streams" }, "https", 443],
    [{ service: "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec" }, undefined, undefined],
    [{ service: "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec", protocol: "tcp" }, "tcp", undefined],
  ] as const)("know what is spoken at %j", (entry, protocol, port) => {
    expect([protocolOf(entry), portOf(entry)]).toEqual([protocol, port]);
  });

  it.each([
    [REDIS.replace("app: acme-app, ", ""), "[0].addon | app and addon go together: give both or neither"],
    [`${REDIS}, service: com.amazonaws.us-east-1.logs`, "[0].service | needs either app and addon, or service"],
    [`name: x, protocol: tcp, port: 1, ${PLACE}, ${INSIDE}`, "[0].service | needs either app and addon, or service"],
    [
      REDIS.replace("redis-kvs-12345", "my-favourite"),
      "[0].protocol | must be given: the name does not tell what is spoken there",
    ],
    [`${REDIS}, protocol: tcp`, "[0].port | must be given with protocol tcp"],
    [
      REDIS.replace("subnets: [subnet-0a1b2c3d4e5f60718], ", ""),
      "[0].subnets | type interface needs one subnet at least, and gateway takes none",
    ],
    [
      REDIS.replace("10.20.0.0/16", "0.0.0.0/0"),
      "[0].allowed_cidrs[0] | would let everybody in: name the networks that need the link",
    ],
    [REDIS.replace("10.20.0.0/16", "10.20.1.0/16"), "[0].allowed_cidrs[0] | must be an IPv4 block whose host bits are zero"],
    [
      REDIS.replace(", allowed_cidrs: [10.20.0.0/16]", ""),
      "[0].allowed_cidrs | type interface needs to know who may connect, and gateway has no security group",
    ],
    [REDIS.replace("vpc-0a1b2c3d4e5f60718", "vpc-xyz"), "[0].vpc | must be an id of AWS's, vpc- and 8 or 17 hex digits"],
    [REDIS.replace("us-east-1", "us_east"), "[0].region | must be a region's name as AWS writes it"],
    [
      `${REDIS}, accounts: ["123:user/x"]`,
      "[0].accounts[0] | must be ID, ID:user/NAME, ID:role/NAME or ID:root, ID being 12 digits",
    ],
    [`${REDIS}, policy: "[]"`, "[0].policy | must be a policy as JSON text"],
    [`${REDIS}, check_interval: 1s`, "[0].check_interval | must be between 5s and 1h"],
    [
      `${REDIS}, type: gateway`,
      "[0].service | type gateway is for S3 and DynamoDB: com.amazonaws.REGION.s3 or com.amazonaws.REGION.dynamodb",
    ],
    [
      `name: s3, type: gateway, service: com.amazonaws.us-east-1.s3, private_dns: true, ${PLACE}, route_tables: [rtb-0a1b2c3d]`,
      "[0].private_dns | is for interface endpoints: a gateway's names stay public",
    ],
    [
      `name: x, service: com.amazonaws.us-east-1.logs, accounts: ["123456789012"], ${PLACE}, ${INSIDE}`,
      "[0].accounts | are for Heroku's data services: a service by its name has its own list",
    ],
    [
      REDIS.replace("name: orders", "name: Orders"),
      "[0].name | must be lower-case letters, digits and inner hyphens, 64 at most",
    ],
    [`${REDIS}, pollicy: x`, "[0].pollicy | unknown key; did you mean policy?"],
  ])("refuse %s", (text, problem) => {
    expect(problems(text)).toContain(problem);
  });

  it("refuse two links of one name", () => {
    expect(problems(REDIS, REDIS)).toEqual(["[1].name | must differ: privatelinks[0] has the same name"]);
  });
});
