import { describe, expect, test } from "vitest";
import { PUBLISH_ACTIONS, RESOURCE_ACTIONS, TAGGING_ACTIONS } from "../../../agent/privatelink/publish/actions.ts";
import { publishPolicy } from "../../../agent/privatelink/publish/policy.ts";
import { isAllowed } from "../../aws/iam.ts";
import { spacegate } from "../../main/support.ts";

const policy = publishPolicy({ account: "123456789012", region: "us-east-1" });
const REGION = { "aws:RequestedRegion": "us-east-1" };

const allows = (action: string, resource: string, context: Record<string, string> = REGION): boolean =>
  isAllowed(policy, { action, resource, context });

const ROLE = "arn:aws:iam::123456789012:role";

describe("the policy of whoever publishes", () => {
  test("has every declared action, and no other but the account's first load balancer's", () => {
    const declared = new Set([...PUBLISH_ACTIONS, ...Object.values(RESOURCE_ACTIONS).flat(), ...TAGGING_ACTIONS]);
    const allowed = policy.Statement.flatMap(({ Action }) => Action);
    expect([...new Set(allowed)].sort()).toEqual([...declared, "iam:CreateServiceLinkedRole"].sort());
    expect(allowed.filter((action) => action.includes("*"))).toEqual([]);
  });

  test("lets roles be made that bear the name, and be passed to Lambda only", () => {
    expect(allows("iam:CreateRole", `${ROLE}/spacegate-us-east-1-publish-orders`)).toBe(true);
    expect(allows("iam:CreateRole", `${ROLE}/admin`)).toBe(false);
    const passed = (service: string) => ({ "iam:PassedToService": service });
    expect(allows("iam:PassRole", `${ROLE}/spacegate-x`, passed("lambda.amazonaws.com"))).toBe(true);
    expect(allows("iam:PassRole", `${ROLE}/spacegate-x`, passed("ec2.amazonaws.com"))).toBe(false);
    expect(allows("iam:PassRole", `${ROLE}/admin`, passed("lambda.amazonaws.com"))).toBe(false);
  });

  test("holds in its region and account only", () => {
    expect(allows("ec2:DescribeSubnets", "*", { "aws:RequestedRegion": "eu-west-1" })).toBe(false);
    expect(allows("lambda:CreateFunction", "arn:aws:lambda:us-east-1:999999999999:function:x")).toBe(false);
  });

  test("is printed by `policy --publish-rds`, which asks nobody", async () => {
    const { exitCode, stdout } = await spacegate([
      "privatelink",
      "policy",
      "--publish-rds",
      "--account",
      "123456789012",
      "--region",
      "us-east-1",
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(policy)));
  });
});
