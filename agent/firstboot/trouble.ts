import type { SpacegateError } from "../lib/errors.ts";

/**
 * How long a failure may go away by itself. none: never. short: a role or policy that was made a moment ago comes into force
 * within seconds. long: network, clock or credentials are still on their way.
 */
export type Patience = "none" | "short" | "long";

/** A try that failed: what to tell once there is no point in another one. */
export class Trouble extends Error {
  override readonly name = "Trouble";
  readonly patience: Patience;
  readonly error: SpacegateError;

  constructor(patience: Patience, error: SpacegateError) {
    super(error.message, { cause: error });
    this.patience = patience;
    this.error = error;
  }
}
