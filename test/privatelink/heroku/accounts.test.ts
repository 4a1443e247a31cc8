import { describe, expect, test } from "vitest";
import { missingAccounts, otherAccounts, parseAccounts, principalOf } from "../../../agent/privatelink/heroku/accounts.ts";
import { failureOf, linkLike } from "./support.ts";

describe("an account", () => {
  test.each([
    "123456789012",
    "123456789012:root",
    "123456789012:user/abc.xyz",
    "123456789012:user/division/abc",
    "123456789012:role/gateway",
    "123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
    "123456789012:role/a+b=c,d.e@f_g-h",
  ])("%s is taken as it is", (text) => {
    expect(parseAccounts([text])).toEqual([text]);
  });

  test.each([
    "",
    "12345678901",
    "1234567890123",
    "1234-5678-9012",
    "123456789012:",
    "123456789012:group/abc",
    "123456789012:user/",
    "123456789012:user/a b",
    "123456789012:user//a",
    "123456789012:role/a/../b;",
    "123456789012:role/a\nb",
    `123456789012:user/${"a".repeat(65)}`,
    "*",
    " 123456789012",
  ])("%j is refused, with the forms that there are", async (text) => {
    const error = await failureOf(() => parseAccounts(["123456789012", text]));
    expect(error).toMatchObject({
      code: "PRIVATELINK_REFUSED",
      fix: expect.stringMatching(/ID:root, ID:user\/NAME and ID:role/),
    });
    expect(error.message).toContain("Nothing was sent");
    expect(error.message).not.toContain("\n");
  });

  test("as a whole ARN is refused with what to type instead", async () => {
    expect(await failureOf(() => parseAccounts(["arn:aws:iam::123456789012:role/ops/gateway"]))).toMatchObject({
      fix: "Give it as Heroku takes it: 123456789012:role/ops/gateway",
    });
  });

  test("as a role's session is refused with the role", async () => {
    expect(await failureOf(() => parseAccounts(["arn:aws:sts::123456789012:assumed-role/gateway/i-0abc"]))).toMatchObject({
      fix: expect.stringContaining("123456789012:role/gateway"),
    });
  });

  test("counts once, however often and in whatever form it is given", () => {
    expect(parseAccounts(["123456789012", "123456789012:root", "210987654321"])).toEqual(["123456789012:root", "210987654321"]);
  });

  test.each([
    ["123456789012", "123456789012:root"],
    ["arn:aws:iam::123456789012:root", "123456789012:root"],
    ["arn:aws-cn:iam::123456789012:user/abc", "123456789012:user/abc"],
    ["something new", "something new"],
  ])("%s is the principal %s", (text, principal) => {
    expect(principalOf(text)).toBe(principal);
  });
});

describe("against what Heroku shows", () => {
  const link = linkLike({
    allowedAccounts: [
      { accountId: "", arn: "arn:aws:iam::123456789012:root", status: "Active" },
      { accountId: "210987654321:user/abc", arn: "", status: "Active" },
    ],
  });

  test("the missing ones are those that no ARN and no id names", () => {
    expect(missingAccounts(link, ["123456789012", "210987654321:user/abc", "210987654321"])).toEqual(["210987654321"]);
  });

  test("the others are those that nobody named", () => {
    expect(otherAccounts(link, ["123456789012"])).toEqual(["210987654321:user/abc"]);
  });
});
