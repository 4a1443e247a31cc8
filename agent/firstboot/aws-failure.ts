import { type ErrorCode, messageOf, SpacegateError } from "../lib/errors.ts";
import { redactText } from "../lib/redact-text.ts";
import { oneLine } from "../lib/text.ts";
import { type Patience, Trouble } from "./trouble.ts";

/** What was asked of AWS, for messages and for the policy that would allow it. */
export interface Asked {
  /** "ssm:GetParameter" */
  readonly action: string;
  /** "arn:aws:ssm:eu-west-1:*:parameter/gw/settings" */
  readonly resource: string;
  /** "the parameter /gw/settings" */
  readonly what: string;
  readonly region: string;
  /** How it is made, where it is not there. */
  readonly make: string;
}

const ABSENT = /^(ParameterNotFound|ParameterVersionNotFound|ResourceNotFoundException|InvalidNetworkInterfaceID\.\w+)$/;
const DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/;
/** Credentials of a profile that was attached a moment ago. */
const UNSETTLED = /^(UnrecognizedClientException|InvalidClientTokenId|AuthFailure)$/;
/** A clock that has not been set yet. */
const SKEWED = /^(InvalidSignatureException|SignatureDoesNotMatch|RequestExpired|RequestTimeTooSkewed)$/;
const BUSY = /^(Throttling\w*|TooManyRequests\w*|RequestLimitExceeded|ServiceUnavailable\w*|Internal\w*|Unavailable)$/;
const UNREACHED =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ETIMEDOUT|EPIPE|TimeoutError)$/;
const KMS = /\bkms\b|ciphertext|customer master key/i;
const KMS_NAMES = /^(InvalidKeyId|DecryptionFailure|KMS\w*)$/;

interface Seen {
  readonly name: string;
  /** The system's error, "ECONNREFUSED". */
  readonly code: string;
  readonly words: string;
  readonly status: number;
}

const field = (thrown: unknown, name: string): unknown =>
  typeof thrown === "object" && thrown !== null ? (thrown as Record<string, unknown>)[name] : undefined;

const look = (thrown: unknown): Seen => ({
  name: String(field(thrown, "name") ?? ""),
  code: String(field(thrown, "code") ?? field(field(thrown, "cause"), "code") ?? ""),
  words: redactText(oneLine(messageOf(thrown))),
  status: Number(field(field(thrown, "$metadata"), "httpStatusCode") ?? 0),
});

const trouble = (patience: Patience, code: ErrorCode, message: string, fix: string, cause: unknown): Trouble =>
  new Trouble(patience, new SpacegateError(code, message, { fix, cause }));

type Tell = (seen: Seen, asked: Asked, thrown: unknown) => Trouble;

const noCredentials: Tell = (_seen, { action }, thrown) =>
  trouble(
    "long",
    "FIRST_BOOT_REFUSED",
    "There are no AWS credentials yet.",
    `Give the instance a profile whose role may ${action}; the metadata service must be on.`,
    thrown,
  );

const denied: Tell = ({ words }, { action, resource }, thrown) =>
  trouble(
    "short",
    "FIRST_BOOT_REFUSED",
    `AWS denies ${action} on ${resource}: ${words}`,
    `Allow the instance's role ${action} on ${resource}.`,
    thrown,
  );

const kmsDenied: Tell = ({ words }, { what, region }, thrown) =>
  trouble(
    "short",
    "FIRST_BOOT_REFUSED",
    `The KMS key of ${what} does not decrypt it: ${words}`,
    `Allow the instance's role kms:Decrypt on that key, in its key policy too; the key must be enabled and in ${region}.`,
    thrown,
  );

const absent: Tell = (_seen, { what, region, make }, thrown) =>
  trouble(
    "none",
    "FIRST_BOOT_REFUSED",
    `There is no such thing in ${region}: ${what}.`,
    `Correct name or region, or make it: ${make}`,
    thrown,
  );

const unreached: Tell = ({ code, name }, { region, action }, thrown) =>
  trouble(
    "long",
    "FIRST_BOOT_REFUSED",
    `AWS in ${region} cannot be reached for ${action} (${code === "" ? name : code}).`,
    "The subnet needs a way out (an internet gateway with a public address, NAT, or an interface endpoint), the security group must let 443 out, and region must exist.",
    thrown,
  );

const waiting =
  (patience: Patience): Tell =>
  ({ name, words }, { action }, thrown) =>
    trouble(
      patience,
      "FIRST_BOOT_REFUSED",
      `AWS does not answer ${action} yet: ${name}: ${words}`,
      "Wait and run it again; for RequestExpired set the clock.",
      thrown,
    );

const other: Tell = ({ name, words }, { action, resource }, thrown) =>
  trouble(
    "none",
    "FIRST_BOOT_REFUSED",
    `AWS refuses ${action} on ${resource}: ${name}: ${words}`,
    "Correct what AWS names in the first-boot file.",
    thrown,
  );

const tellerOf = ({ name, code, words, status }: Seen): Tell => {
  if (name === "CredentialsProviderError") return noCredentials;
  if (KMS_NAMES.test(name) || (DENIED.test(name) && KMS.test(words))) return kmsDenied;
  if (DENIED.test(name)) return denied;
  if (ABSENT.test(name)) return absent;
  if (UNSETTLED.test(name)) return waiting("short");
  if (SKEWED.test(name) || BUSY.test(name) || status >= 500) return waiting("long");
  return UNREACHED.test(code) || UNREACHED.test(name) ? unreached : other;
};

/** What AWS's client threw, for people, and whether another try may help. */
export const toTrouble = (thrown: unknown, asked: Asked): Trouble => {
  const seen = look(thrown);
  return tellerOf(seen)(seen, asked, thrown);
};
