import { describe, expect, it } from "vitest";
import { toTrouble } from "../../agent/firstboot/aws-failure.ts";

const ASKED = {
  action: "ssm:GetParameter",
  resource: "arn:aws:ssm:eu-west-1:*:parameter/gw/token",
  what: "the parameter /gw/token",
  region: "eu-west-1",
  make: "aws ssm put-parameter",
};

const failure = (name: string, message = "", more: object = {}) => Object.assign(new Error(message), { name, ...more });

describe("what AWS's client threw", () => {
  it.each([
    [failure("CredentialsProviderError", "Could not load credentials from any providers"), "long"],
    [failure("AccessDeniedException", "not authorized to perform: ssm:GetParameter"), "short"],
    [failure("UnauthorizedOperation"), "short"],
    [failure("UnrecognizedClientException"), "short"],
    [failure("ParameterNotFound"), "none"],
    [failure("ThrottlingException", "Rate exceeded"), "long"],
    [failure("Unknown", "", { $metadata: { httpStatusCode: 502 } }), "long"],
    [failure("RequestExpired"), "long"],
    [failure("Error", "getaddrinfo ENOTFOUND", { code: "ENOTFOUND" }), "long"],
    [failure("TimeoutError", "Connection timed out"), "long"],
    [failure("ValidationException", "name is too long"), "none"],
  ])("%s may go away: %s", (thrown, patience) => {
    expect(toTrouble(thrown, ASKED).patience).toBe(patience);
  });

  it.each([
    ["AccessDeniedException", "The ciphertext refers to a customer master key that does not exist"],
    ["AccessDeniedException", "Access to KMS is not allowed"],
    ["AccessDeniedException", "User: x is not authorized to perform: kms:Decrypt on resource: y"],
    ["InvalidKeyId", "arn:aws:kms:… is disabled."],
  ])("is the key's fault: %s: %s", (name, message) => {
    expect(toTrouble(failure(name, message), ASKED).error.fix).toContain("kms:Decrypt");
  });

  it("does not repeat what looks like a token", () => {
    const token = "HRKU-01234567-89ab-cdef-0123-456789abcdef";
    expect(toTrouble(failure("ValidationException", `cannot take ${token}`), ASKED).message).not.toContain(token);
  });
});
