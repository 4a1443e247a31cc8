import { describe, expect, it } from "vitest";
import { herokuLink, wantedLink } from "../../aws/sample.ts";
import { codesOf, settled } from "./support.ts";

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

  it.each(["123456789012:role/gateway", "arn:aws:iam::123456789012:role/gateway", ""])(
    "is said by the ARN, whatever Heroku writes as the account (%s)",
    (accountId) => expect(verdict(callers.role, "arn:aws:iam::123456789012:role/gateway", accountId)).toEqual([]),
  );

  it.each([
    ["123456789012:role/gateway", []],
    ["123456789012", []],
    ["123456789012:role/other", ["LINK_ACCOUNT"]],
  ])("is said by the account %s where Heroku gives no ARN", (accountId, codes) =>
    expect(verdict(callers.role, "", accountId)).toEqual(codes),
  );

  it("is not known before the link is operational: Heroku's list is empty until then", () => {
    const heroku = herokuLink({ status: "Provisioning", serviceName: "", allowedAccounts: [] });
    const observed = settled({ heroku, serviceName: "", service: undefined, endpoints: [], group: undefined });
    expect(codesOf(wantedLink(), observed)).toEqual([]);
  });

  it("does not take another account's entry for this one's", () => {
    expect(verdict(callers.role, "arn:aws:iam::999999999999:root", "999999999999")).toEqual(["LINK_ACCOUNT"]);
  });
});
