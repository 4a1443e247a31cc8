import { readFile, rename, writeFile } from "node:fs/promises";
import type { DataState } from "./heroku-data-state.ts";

/** `only`: for requests with this method alone. `at`: for paths that begin so. `times`: for so many requests, then it is over. */
export type Fault = { readonly only?: string; readonly at?: string; readonly times?: number } & FaultKind;

type FaultKind =
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: number | string }
  | { readonly kind: "html" }
  /** JSON that ends in the middle, as a whole answer. */
  | { readonly kind: "malformed" }
  /** The connection is cut in the middle of the answer. */
  | { readonly kind: "truncated" }
  | { readonly kind: "hang" }
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "reset" };

/** How long a connection made by POST stays in each state; milliseconds. */
export interface Provisioning {
  readonly invisibleMs: number;
  readonly pendingMs: number;
  readonly provisioningMs: number;
  readonly deprovisioningMs: number;
}

/** A vpn-connection object as Heroku writes it; nothing is filled in, so that a scenario can serve nonsense. */
export type WireObject = Record<string, unknown>;

/** What the stand-in knows; a scenario edits the file between two requests. */
export interface StandInState extends DataState {
  readonly token: string;
  /** By "space/name". */
  readonly connections: Record<string, WireObject>;
  readonly fault?: Fault | null;
  /** Spaces without a connection, and fields that `GET /spaces/{space}` is to show instead of the usual ones. */
  readonly spaces?: Record<string, WireObject>;
  readonly provisioning?: Partial<Provisioning>;
  /** What becomes of connections made by POST, instead of being active: `{ status: "failed", status_message: "…" }`. */
  readonly outcome?: WireObject;
  /** What the two tunnels of connections made by POST are like, where that matters. */
  readonly newTunnels?: readonly WireObject[];
  /** False: no ETag in any answer. */
  readonly etag?: boolean;
  /** So far ahead is the clock that the header Date tells. */
  readonly clockAheadMs?: number;
  /** Kept by the stand-in itself: when a connection was made or removed over the API, milliseconds since the epoch. */
  readonly made?: Record<string, number>;
  readonly removed?: Record<string, number>;
}

export interface StateStore {
  read(): Promise<StandInState>;
  write(state: StandInState): Promise<void>;
}

export const fileStore = (path: string): StateStore => ({
  read: async () => JSON.parse(await readFile(path, "utf8")) as StandInState,
  write: async (state) => {
    await writeFile(`${path}.stand-in`, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.stand-in`, path);
  },
});

/** Reads the caller's own object each time: changing it changes what the stand-in answers. */
export const memoryStore = (state: StandInState): StateStore => ({
  read: async () => state,
  write: async (next) => {
    Object.assign(state, next);
  },
});
