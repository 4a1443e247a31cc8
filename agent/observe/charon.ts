import { stat } from "node:fs/promises";
import { join } from "node:path";
import { SpacegateError } from "../lib/errors.ts";
import type { ObservedCharon, ObservedConn, ObservedIke } from "../model/observed.ts";

/** charon's answers over VICI. */
export interface CharonQueries {
  version(): Promise<{ readonly version: string }>;
  listSas(): Promise<readonly ObservedIke[]>;
  listConns(): Promise<readonly ObservedConn[]>;
}

/** `ipsec statusall` for hosts whose charon has no VICI; rejects when charon is not running. */
export type StatusText = () => Promise<{ readonly version: string; readonly sas: readonly ObservedIke[] } | undefined>;

/** charon writes it once, when it starts: its age is charon's, by the same clock as every other file's. */
const PID_FILE = "run/charon.pid";

const startedAt = async (root: string): Promise<{ startedAt?: number }> => {
  try {
    return { startedAt: (await stat(join(root, PID_FILE))).mtimeMs };
  } catch {
    return {};
  }
};

const overVici = async (queries: CharonQueries, root: string): Promise<ObservedCharon> => {
  const [{ version }, sas, conns, started] = [
    await queries.version(),
    await queries.listSas(),
    await queries.listConns(),
    await startedAt(root),
  ];
  return { kind: "running", version, via: "vici", sas, conns, ...started };
};

/**
 * charon as it is. Without VICI the SAs come from `ipsec statusall`; a charon that gives neither is absent, which is an
 * answer and not an error.
 */
export const observeCharon = async (queries: CharonQueries, statusText: StatusText, root: string): Promise<ObservedCharon> => {
  try {
    return await overVici(queries, root);
  } catch (thrown) {
    if (!(thrown instanceof SpacegateError)) throw thrown;
    const status = await statusText().catch(() => undefined);
    if (!status) return { kind: "absent", why: thrown.message };
    return { kind: "running", version: status.version, via: "statusall", sas: status.sas, conns: [], ...(await startedAt(root)) };
  }
};
