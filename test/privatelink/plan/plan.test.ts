import { describe, expect, it } from "vitest";
import { planLink } from "../../../agent/privatelink/plan/plan.ts";
import { herokuLink, SUBNET, wantedLink } from "../../aws/sample.ts";
import { codesOf, endpoint, GROUP, group, settled, textsOf } from "./support.ts";

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
