import type { ErrorCode } from "./error-codes.ts";

export type { ErrorCode };

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
