import type { ErrorCode } from "../../lib/error-codes.ts";

/** The declared warnings about a link. `agent/health` has each one's title, severity and advice. */
export type LinkTroubleCode =
  | "link-down"
  | "link-dns-internet"
  | "link-dns-nowhere"
  | "link-address-silent"
  | "link-certificate-expiring"
  | "link-acceptance-pending"
  | "link-provisioning-long"
  | "link-rejected"
  | "link-failed"
  | "link-zone"
  | "link-account"
  | "link-foreign"
  | "link-refused"
  | "link-credentials"
  | "link-forbidden"
  | "link-throttled"
  | "link-aws-unavailable"
  | "link-heroku";

const BY_ERROR: Readonly<Partial<Record<ErrorCode, LinkTroubleCode>>> = {
  AWS_CREDENTIALS: "link-credentials",
  AWS_FORBIDDEN: "link-forbidden",
  AWS_THROTTLED: "link-throttled",
  AWS_UNAVAILABLE: "link-aws-unavailable",
  LINK_ZONE: "link-zone",
  LINK_ACCOUNT: "link-account",
  LINK_FOREIGN: "link-foreign",
  LINK_REJECTED: "link-rejected",
  LINK_FAILED: "link-failed",
  PRIVATELINK_FAILED: "link-failed",
  HEROKU_REFUSED: "link-heroku",
  PRIVATELINK_NOT_FOUND: "link-heroku",
  PRIVATELINK_REFUSED: "link-heroku",
  TOKEN_MISSING: "link-heroku",
};

/** Under which warning an error is shown. What nobody has thought of is a refusal: its message says more. */
export const troubleCode = (code: ErrorCode): LinkTroubleCode =>
  BY_ERROR[code] ?? (code.startsWith("SOURCE_") ? "link-heroku" : "link-refused");
