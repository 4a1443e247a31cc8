import { describe, expect, it } from "vitest";
import { awsError, isAwsRefusal } from "../../agent/lib/aws-error.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";

const thrown = (name: string, message = "words of AWS's", rest: object = {}) =>
  Object.assign(new Error(message), { name, ...rest });

describe("what AWS's client throws", () => {
  it.each([
    ["UnauthorizedOperation", "AWS_FORBIDDEN"],
    ["AccessDenied", "AWS_FORBIDDEN"],
    ["CredentialsProviderError", "AWS_CREDENTIALS"],
    ["AuthFailure", "AWS_CREDENTIALS"],
    ["ExpiredTokenException", "AWS_CREDENTIALS"],
    ["RequestExpired", "AWS_CREDENTIALS"],
    ["RequestLimitExceeded", "AWS_THROTTLED"],
    ["ThrottlingException", "AWS_THROTTLED"],
    ["TimeoutError", "AWS_UNAVAILABLE"],
    ["InternalError", "AWS_UNAVAILABLE"],
    ["InvalidVpcID.NotFound", "AWS_REFUSED"],
  ])("%s is told as %s", (name, code) => {
    const error = awsError(thrown(name), "ec2:DescribeVpcs");
    expect(error).toMatchObject({ code, details: { action: "ec2:DescribeVpcs", awsCode: name } });
    expect(error.message).toContain("ec2:DescribeVpcs");
  });

  it("is AWS's being away when nothing could be connected to, or the service is at fault", () => {
    expect(awsError(thrown("Error", "connect", { code: "ECONNREFUSED" }), "ec2:X").code).toBe("AWS_UNAVAILABLE");
    expect(awsError(thrown("Strange", "", { $metadata: { httpStatusCode: 503 } }), "ec2:X").code).toBe("AWS_UNAVAILABLE");
  });

  it.each(["ENOTFOUND", "EPROTO", "SELF_SIGNED_CERT_IN_CHAIN"])("nor is %s a refusal of AWS's", (code) => {
    expect(awsError(thrown("Error", "socket", { code }), "ec2:X").code).toBe("AWS_UNAVAILABLE");
  });

  it("tells a proxy's page from a refusal of AWS's", () => {
    const error = awsError(thrown("Unknown", "Unknown", { $metadata: { httpStatusCode: 407 } }), "ec2:X");
    expect([error.code, error.message]).toEqual([
      "AWS_UNAVAILABLE",
      "AWS did not answer ec2:X (HTTP 407 without a code of AWS's)",
    ]);
  });

  it("keeps AWS's words and leaves its blob out", () => {
    const words = "You are not authorized. User: arn:aws:iam::1:user/x. Encoded authorization failure message: AbC+/=\nxyz";
    const error = awsError(thrown("UnauthorizedOperation", words), "ec2:CreateVpcEndpoint");
    expect(error.message).toContain("User: arn:aws:iam::1:user/x.");
    expect(error.message).not.toContain("AbC");
    expect(error.fix).toContain("ec2:CreateVpcEndpoint");
    expect(error.fix).toContain("spacegate privatelink policy");
  });

  it("passes what is told already", () => {
    const told = new SpacegateError("LINK_ZONE", "told", { fix: "so" });
    expect(awsError(told, "ec2:X")).toBe(told);
  });
});

describe("asking for one of AWS's own codes", () => {
  const error = awsError(thrown("InvalidGroup.Duplicate"), "ec2:CreateSecurityGroup");

  it("compares the whole code, or its beginning", () => {
    expect(isAwsRefusal(error, "InvalidGroup.Duplicate")).toBe(true);
    expect(isAwsRefusal(error, "InvalidGroup.*")).toBe(true);
    expect(isAwsRefusal(error, "InvalidGroup", "Invalid")).toBe(false);
    expect(isAwsRefusal(new Error("other"), "Error")).toBe(false);
  });
});
