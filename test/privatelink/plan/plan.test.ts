import { describe, expect, it } from "vitest";
import { describeLinkStep } from "../../../agent/model/privatelink-step-text.ts";
import { planDisconnect } from "../../../agent/privatelink/plan/disconnect.ts";
import { planLink } from "../../../agent/privatelink/plan/plan.ts";
import { herokuLink, ROUTE_TABLES, S3_SERVICE, SUBNET, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { endpoint, GROUP, group, settled } from "./support.ts";

const textsOf = (...[wanted, observed]: Parameters<typeof planLink>) =>
  planLink(wanted, observed).steps.map((step) => describeLinkStep(step));
const codesOf = (...[wanted, observed]: Parameters<typeof planLink>) =>
  planLink(wanted, observed).problems.map(({ code, blocking }) => `${code}${blocking ? "" : " (notice)"}`);

describe("a link that is as wanted", () => {
  it("takes no step, has no problem and waits for nothing", () => {
    expect(planLink(wantedLink(), settled())).toEqual({ steps: [], problems: [], waitingFor: "", endpoint: endpoint() });
  });
});

describe("a link that is missing", () => {
  const nothing = settled({ endpoints: [], group: undefined });

  it("begins with the security group, without which the endpoint would be open or closed to all", () => {
    expect(textsOf(wantedLink(), nothing)).toEqual([expect.stringMatching(/^create the security group spacegate-redis in vpc-/)]);
  });

  it("goes on with rule and endpoint", () => {
    const observed = settled({ endpoints: [], group: group({ ingress: [] }) });
    expect(textsOf(wantedLink(), observed)).toEqual([
      `let 172.31.0.0/16 in to TCP port 6379 (${GROUP})`,
      expect.stringMatching(/^create the Interface endpoint in vpc-.* for com\.amazonaws\.vpce/),
    ]);
  });

  it("waits for Heroku, and does nothing before", () => {
    const before = { ...nothing, serviceName: "", service: undefined };
    const plans = [
      planLink(wantedLink(), { ...before, heroku: undefined }),
      planLink(wantedLink(), { ...before, heroku: herokuLink({ status: "Provisioning", serviceName: "" }) }),
      planLink(wantedLink(), { ...nothing, heroku: herokuLink({ status: "Provisioning" }) }),
    ];
    expect(plans.map(({ steps, problems }) => [...steps, ...problems])).toEqual([[], [], []]);
    expect(plans.map(({ waitingFor }) => waitingFor)).toEqual([
      "Heroku to make a PrivateLink for acme-app/redis-kvs-12345",
      "Heroku to name the service of acme-app/redis-kvs-12345 (Provisioning)",
      "Heroku to make the PrivateLink of acme-app/redis-kvs-12345 operational (Provisioning)",
    ]);
  });

  it("waits until Heroku has let the account in", () => {
    const arn = "arn:aws:iam::123456789012:root";
    const heroku = herokuLink({ allowedAccounts: [{ accountId: "123456789012", arn, status: "Provisioning" }] });
    const plan = planLink(wantedLink(), { ...nothing, heroku });
    expect(plan.steps).toEqual([]);
    expect(plan.waitingFor).toBe(`Heroku to let ${arn} in (Provisioning)`);
  });
});

describe("states of the endpoint", () => {
  it.each([
    ["pendingAcceptance", "the provider to accept vpce-01c87ae3c05563935 (pendingAcceptance)"],
    ["pending", "AWS to make vpce-01c87ae3c05563935 available (pending)"],
    ["deleting", "AWS to finish deleting vpce-01c87ae3c05563935 (deleting)"],
    ["Partial", "vpce-01c87ae3c05563935, which is Partial"],
    ["Available", ""],
  ])("%s: waits for %j", (state, waitingFor) => {
    const plan = planLink(wantedLink(), settled({ endpoints: [endpoint({ state, subnetIds: [SUBNET.a, SUBNET.b] })] }));
    expect(plan).toMatchObject({ steps: [], problems: [], waitingFor });
  });

  it.each(["pendingAcceptance", "pending", "partial"])("%s: leaves subnets alone, and repairs the group's rules", (state) => {
    const observed = settled({ endpoints: [endpoint({ state, subnetIds: [SUBNET.a] })], group: group({ ingress: [] }) });
    expect(textsOf(wantedLink(), observed)).toEqual([`let 172.31.0.0/16 in to TCP port 6379 (${GROUP})`]);
  });

  it.each([
    ["rejected", "LINK_REJECTED"],
    ["expired", "LINK_REJECTED"],
    ["failed", "LINK_FAILED"],
  ])("%s: asks the owner, and makes no second one", (state, code) => {
    const observed = settled({ endpoints: [endpoint({ state })], group: undefined });
    expect(codesOf(wantedLink(), observed)).toEqual([code]);
    expect(planLink(wantedLink(), observed).steps).toEqual([]);
  });

  it("deleted: makes another one", () => {
    expect(textsOf(wantedLink(), settled({ endpoints: [endpoint({ state: "deleted" })] }))).toEqual([
      expect.stringMatching(/^create the Interface/),
    ]);
  });
});

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

describe("what is there beside the link", () => {
  it("is told, and keeps nothing from being done", () => {
    const elsewhere = endpoint({ id: "vpce-0e", vpcId: "vpc-0e" });
    const twice = endpoint({ id: "vpce-0f", createdAt: 1_700_000_000_001 });
    const theirs = endpoint({ id: "vpce-0d", tags: {} });
    const observed = settled({ endpoints: [elsewhere, twice, endpoint()], foreign: [theirs] });
    expect(codesOf(wantedLink(), observed)).toEqual([
      "LINK_FOREIGN (notice)",
      "LINK_LEFTOVER (notice)",
      "LINK_LEFTOVER (notice)",
    ]);
    expect(planLink(wantedLink(), observed)).toMatchObject({ steps: [], endpoint: { id: "vpce-01c87ae3c05563935" } });
  });

  it("is in the way where it has the route table or the group's name", () => {
    const theirs = endpoint({ type: "Gateway", serviceName: S3_SERVICE, routeTableIds: [ROUTE_TABLES[0]], tags: {} });
    const gateway = settled({
      heroku: undefined,
      serviceName: S3_SERVICE,
      service: undefined,
      endpoints: [],
      foreign: [theirs],
      routeTableIds: [...ROUTE_TABLES],
    });
    expect(codesOf(wantedS3(), gateway)).toContain("LINK_FOREIGN");
    expect(codesOf(wantedLink(), settled({ group: undefined, endpoints: [], foreignGroupId: "sg-theirs" }))).toEqual([
      "LINK_FOREIGN",
    ]);
  });
});

describe("who Heroku lets in", () => {
  const callers = {
    role: "arn:aws:sts::123456789012:assumed-role/gateway/i-0123456789abcdef0",
    user: "arn:aws:iam::123456789012:user/ops/abc.xyz",
  };
  const verdict = (callerArn: string, arn: string, accountId = "123456789012") =>
    codesOf(
      wantedLink(),
      settled({ callerArn, heroku: herokuLink({ allowedAccounts: [{ accountId, arn, status: "Active" }] }) }),
    );

  it.each([
    [callers.role, "arn:aws:iam::123456789012:root"],
    [callers.role, "arn:aws:iam::123456789012:role/gateway"],
    [callers.role, "arn:aws:iam::123456789012:role/path/gateway"],
    [callers.user, "arn:aws:iam::123456789012:user/ops/abc.xyz"],
    [callers.role, "123456789012"],
  ])("%s is let in by %s", (callerArn, arn) => {
    expect(verdict(callerArn, arn)).toEqual([]);
  });

  it.each([
    [callers.role, "arn:aws:iam::123456789012:user/gateway"],
    [callers.role, "arn:aws:iam::123456789012:role/other"],
    [callers.user, "arn:aws:iam::123456789012:user/ops/other"],
  ])("%s is not let in by %s", (callerArn, arn) => {
    expect(verdict(callerArn, arn)).toEqual(["LINK_ACCOUNT"]);
  });

  it("does not take another account's entry for this one's", () => {
    expect(verdict(callers.role, "arn:aws:iam::999999999999:root", "999999999999")).toEqual(["LINK_ACCOUNT"]);
  });
});

describe("disconnecting", () => {
  const textsFor = (...[owned]: Parameters<typeof planDisconnect>) =>
    planDisconnect(owned).steps.map((step) => describeLinkStep(step));

  it("deletes endpoints whatever became of them, and groups when nothing holds them", () => {
    const dead = endpoint({ id: "vpce-0d", state: "rejected" });
    expect(textsFor({ endpoints: [endpoint(), dead], groups: [group()] })).toEqual([
      "delete vpce-01c87ae3c05563935",
      "delete vpce-0d",
    ]);
    const leaving = planDisconnect({ endpoints: [endpoint({ state: "deleting" })], groups: [group()] });
    expect(leaving).toEqual({ steps: [], waitingFor: "AWS to finish deleting vpce-01c87ae3c05563935 (deleting)" });
    expect(textsFor({ endpoints: [endpoint({ state: "deleted" })], groups: [group()] })).toEqual([
      `delete the security group ${GROUP}`,
    ]);
    expect(textsFor({ endpoints: [], groups: [] })).toEqual([]);
  });
});
