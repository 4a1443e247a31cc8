import { describe, expect, it } from "vitest";
import { describeLinkStep } from "../../../agent/model/privatelink-step-text.ts";
import { planDisconnect } from "../../../agent/privatelink/plan/disconnect.ts";
import { planLink } from "../../../agent/privatelink/plan/plan.ts";
import { ROUTE_TABLES, S3_SERVICE, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { codesOf, endpoint, GROUP, group, settled } from "./support.ts";

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
