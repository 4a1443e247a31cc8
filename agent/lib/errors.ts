/** Stable codes: what went wrong, for people's searches and for scripts. */
export type ErrorCode =
  | "SETTINGS_INVALID"
  | "CONNECTION_INVALID"
  | "SOURCE_UNAUTHORIZED"
  | "SOURCE_FORBIDDEN"
  | "SOURCE_NOT_FOUND"
  | "SOURCE_RATE_LIMITED"
  | "SOURCE_UNAVAILABLE"
  | "SOURCE_MALFORMED"
  | "SOURCE_CLIENT_MISSING"
  | "TOKEN_MISSING"
  | "TEMPLATE_INVALID"
  | "HOST_READ_FAILED"
  | "HOST_WRITE_FAILED"
  | "COMMAND_FAILED"
  | "COMMAND_MISSING"
  | "COMMAND_TIMEOUT"
  | "CONFIG_REJECTED"
  | "CONN_DROPPED"
  | "VICI_UNREACHABLE"
  | "VICI_PROTOCOL"
  | "VICI_COMMAND_FAILED"
  | "LISTEN_FAILED"
  | "NOT_ROOT"
  | "NOT_RUNNING"
  | "DRILL_REFUSED";

interface ErrorOptions {
  /** One sentence that tells the reader what to do. */
  readonly fix: string;
  readonly cause?: unknown;
  /** Already free of secrets: these are logged as they are. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Every error that reaches a person: a stable code, a sentence, a fix. */
export class SpacegateError extends Error {
  override readonly name = "SpacegateError";
  readonly code: ErrorCode;
  readonly fix: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fix = options.fix;
    this.details = options.details ?? {};
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** The errno name ("ENOENT") of a system error, else undefined. */
export const errnoOf = (thrown: unknown): string | undefined => {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
};
