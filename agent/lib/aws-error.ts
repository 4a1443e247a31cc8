import { type ErrorCode, messageOf, SpacegateError } from "./errors.ts";
import { redactText } from "./redact-text.ts";
import { oneLine } from "./text.ts";

/** How AWS names the ways in which it refuses. Source: EC2 API reference, "Error codes", and IAM's "Common errors". */
const FORBIDDEN = /^(?:UnauthorizedOperation|AccessDenied|AccessDeniedException|NotAuthorized)$/;
const CREDENTIALS =
  /^(?:CredentialsProviderError|AuthFailure|InvalidClientTokenId|UnrecognizedClientException|ExpiredToken\w*|RequestExpired|SignatureDoesNotMatch|InvalidSignatureException|MissingAuthenticationToken|InvalidAccessKeyId|OptInRequired)$/;
const THROTTLED = /^(?:Throttl\w*|RequestThrottled\w*|RequestLimitExceeded|EC2Throttled\w*|TooManyRequests\w*|SlowDown)$/;
const AWAY = /^(?:TimeoutError|AbortError|Internal\w*|ServiceUnavailable\w*|Unavailable|RequestTimeout\w*)$/;
/** What AWS's client calls a refusal that has no code of AWS's in it: a proxy's, most often. */
const STRANGER = /^Unknown(?:Error)?$/;
const NO_REGION = /^Region is missing/;

const field = (thrown: unknown, name: string): unknown =>
  typeof thrown === "object" && thrown !== null ? (thrown as Record<string, unknown>)[name] : undefined;

/** AWS's own code of a refusal: "InvalidVpcID.NotFound"; "" for what is none. */
const nameOf = (thrown: unknown): string => String(field(thrown, "Code") ?? field(thrown, "name") ?? "");

const statusOf = (thrown: unknown): number => Number(field(field(thrown, "$metadata"), "httpStatusCode") ?? 0);

/** The blob that AWS appends is for `aws sts decode-authorization-message` only. */
const wordsOf = (thrown: unknown): string =>
  redactText(oneLine(messageOf(thrown).replace(/\s*Encoded authorization failure message:.*/s, "")));

/** Names, sockets and TLS fail with a code of Node.js's (ENOTFOUND, EPROTO, SELF_SIGNED_CERT_IN_CHAIN), and without a status. */
const isUnreached = (thrown: unknown): boolean => statusOf(thrown) === 0 && typeof field(thrown, "code") === "string";

const codeOf = (thrown: unknown): ErrorCode => {
  const name = nameOf(thrown);
  if (FORBIDDEN.test(name)) return "AWS_FORBIDDEN";
  if (CREDENTIALS.test(name) || NO_REGION.test(messageOf(thrown))) return "AWS_CREDENTIALS";
  if (THROTTLED.test(name)) return "AWS_THROTTLED";
  const isAway = AWAY.test(name) || STRANGER.test(name) || isUnreached(thrown) || statusOf(thrown) >= 500;
  return isAway ? "AWS_UNAVAILABLE" : "AWS_REFUSED";
};

interface Telling {
  readonly sentence: (action: string) => string;
  readonly fix: (action: string) => string;
}

const TELLINGS: Readonly<Record<string, Telling>> = {
  AWS_FORBIDDEN: {
    sentence: (action) => `The AWS credentials may not do ${action}`,
    fix: (action) => `Allow ${action}: \`spacegate privatelink policy\` prints an IAM policy with all that the agent needs.`,
  },
  AWS_CREDENTIALS: {
    sentence: (action) => `AWS takes no credentials for ${action}`,
    fix: () => "See whose they are with `aws sts get-caller-identity`; set AWS_PROFILE, AWS_REGION or the instance's profile.",
  },
  AWS_THROTTLED: {
    sentence: (action) => `AWS limits how often this account may do ${action}`,
    fix: () => "Wait: asking again happens by itself.",
  },
  AWS_UNAVAILABLE: {
    sentence: (action) => `AWS did not answer ${action}`,
    fix: () => "Check name resolution, proxy, TLS and the way to AWS's endpoints; asking again happens by itself.",
  },
  AWS_REFUSED: {
    sentence: (action) => `AWS refused ${action}`,
    fix: () => "Correct what AWS names, and run it again: it goes on where it stopped.",
  },
};

/** What AWS's client threw while `action` ("ec2:CreateVpcEndpoint") was asked for; details: {action, awsCode, status}. */
export const awsError = (thrown: unknown, action: string): SpacegateError => {
  if (thrown instanceof SpacegateError) return thrown;
  const code = codeOf(thrown);
  const { sentence, fix } = TELLINGS[code] ?? (TELLINGS.AWS_REFUSED as Telling);
  const awsCode = nameOf(thrown);
  const said = STRANGER.test(awsCode) ? `HTTP ${statusOf(thrown)} without a code of AWS's` : `${awsCode}: ${wordsOf(thrown)}`;
  return new SpacegateError(code, `${sentence(action)} (${said})`, {
    fix: fix(action),
    cause: thrown,
    details: { action, awsCode, status: statusOf(thrown) },
  });
};

/** True for a refusal under one of AWS's own codes; one that ends in ".*" stands for all that begin so. */
export const isAwsRefusal = (thrown: unknown, ...codes: readonly string[]): thrown is SpacegateError => {
  if (!(thrown instanceof SpacegateError)) return false;
  const awsCode = String(thrown.details.awsCode ?? "");
  return codes.some((code) => (code.endsWith(".*") ? awsCode.startsWith(code.slice(0, -1)) : awsCode === code));
};
