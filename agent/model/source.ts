import type { SpacegateError } from "../lib/errors.ts";
import type { Connection, ConnectionRef } from "./connection.ts";

/**
 * What a source answered for one connection.
 * `waiting` is not an error: the connection exists or may soon exist, but cannot be configured yet.
 */
export type SourceAnswer =
  | { readonly kind: "ready"; readonly connection: Connection }
  | { readonly kind: "waiting"; readonly reason: string; readonly connection?: Connection };

/** Where connection details come from. */
export interface Source {
  readonly kind: "platform-api" | "heroku-cli" | "file";
  /** Throws a SpacegateError whose code starts with SOURCE_, TOKEN_ or CONNECTION_. */
  fetch(ref: ConnectionRef, signal: AbortSignal): Promise<SourceAnswer>;
}

/** The newest knowledge about one connection: the last good details may be older than the last error. */
export interface SourceState {
  readonly ref: ConnectionRef;
  readonly connection?: Connection;
  /** Where `connection` came from: this run's source, or the copy that an earlier run kept. */
  readonly origin?: "source" | "last-good-copy";
  /** Wall clock, milliseconds since the epoch, when `connection` was last confirmed. */
  readonly confirmedAt?: number;
  readonly waiting?: string;
  readonly error?: SpacegateError;
}
