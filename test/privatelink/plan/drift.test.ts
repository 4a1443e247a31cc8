import { describe, expect, it } from "vitest";
import { planLink } from "../../../agent/privatelink/plan/plan.ts";
import { ROUTE_TABLES, S3_SERVICE, SUBNET, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { endpoint, GROUP, group, settled, textsOf } from "./support.ts";

describe("drift", () => {
  const change = (drifted: Parameters<typeof endpoint>[0], wanted = wantedLink()) =>
    textsOf(wanted, settled({ endpoints: [endpoint(drifted)] }));
  const id = "vpce-01c87ae3c05563935";

  it("adds subnets before it takes others away", () => {
    const wanted = wantedLink({ subnetIds: [SUBNET.b] });
    expect(change({ subnetIds: [SUBNET.a] }, wanted)).toEqual([`change ${id}: add ${SUBNET.b}`]);
    expect(change({ subnetIds: [SUBNET.a, SUBNET.b] }, wanted)).toEqual([`change ${id}: remove ${SUBNET.a}`]);
  });

  it("makes room first where the zone is taken", () => {
    expect(change({ subnetIds: [SUBNET.b2] })).toEqual([`change ${id}: add ${SUBNET.a}; remove ${SUBNET.b2}`]);
    expect(change({ subnetIds: [SUBNET.a] })).toEqual([`change ${id}: add ${SUBNET.b}`]);
  });

  it("takes others' groups off the endpoint, and puts its own on", () => {
    expect(change({ securityGroupIds: ["sg-theirs"] })).toEqual([`change ${id}: add ${GROUP}; remove sg-theirs`]);
  });

  it("switches private DNS back", () => {
    expect(change({ privateDns: true })).toEqual([`change ${id}: switch private DNS off`]);
  });

  it("puts route tables of a gateway endpoint back", () => {
    const own = endpoint({ type: "Gateway", serviceName: S3_SERVICE, routeTableIds: ["rtb-theirs"], tags: {} });
    const service = {
      name: S3_SERVICE,
      types: ["Gateway"],
      zoneIds: [],
      acceptanceRequired: false,
      policySupported: true,
      privateDnsName: "",
    };
    const observed = settled({
      heroku: undefined,
      serviceName: S3_SERVICE,
      service,
      routeTableIds: [...ROUTE_TABLES],
      endpoints: [own],
      group: undefined,
    });
    expect(textsOf(wantedS3(), observed)).toEqual([`change ${id}: add ${ROUTE_TABLES.join(", ")}; remove rtb-theirs`]);
  });

  const rule = (source: string, change: object = {}) => ({
    id: `sgr-${source}`,
    protocol: "tcp",
    fromPort: 6379,
    toPort: 6379,
    source,
    ...change,
  });

  it.each([
    ["another port", rule("172.31.0.0/16", { fromPort: 22, toPort: 22 }), "tcp 22 from 172.31.0.0/16"],
    ["a wider range of ports", rule("172.31.0.0/16", { fromPort: 0, toPort: 65535 }), "tcp 0-65535 from 172.31.0.0/16"],
    ["everybody", rule("0.0.0.0/0"), "tcp 6379 from 0.0.0.0/0"],
    ["every protocol", rule("172.31.0.0/16", { protocol: "-1", fromPort: -1, toPort: -1 }), "everything from 172.31.0.0/16"],
    ["another group", rule("sg-theirs"), "tcp 6379 from sg-theirs"],
  ])("takes back what lets in %s", (_title, added, text) => {
    const observed = settled({ group: group({ ingress: [...group().ingress, added] }) });
    expect(textsOf(wantedLink(), observed)).toEqual([`take back ${text} (${GROUP})`]);
  });
});

describe("policies", () => {
  const observed = (policy: string) =>
    settled({ endpoints: [endpoint({ policy })], service: { ...settled().service, policySupported: true } as never });
  const policy =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":["b","a"]}]}';

  it.each([
    [
      "laid out otherwise",
      '{"Statement":{"Resource":["a","b"],"Action":["s3:GetObject"],"Effect":"Allow","Principal":{"AWS":"*"}}}',
    ],
    ["the same text", policy],
  ])("%s is the same", (_title, there) => {
    expect(planLink(wantedLink({ policy }), observed(there)).steps).toEqual([]);
  });

  it("one that says something else is replaced, and one too many is reset", () => {
    expect(textsOf(wantedLink({ policy }), observed(policy.replace("Get", "Put")))).toEqual([
      expect.stringContaining("replace the policy"),
    ]);
    expect(textsOf(wantedLink(), observed(policy))).toEqual([expect.stringContaining("reset the policy to full access")]);
  });
});
