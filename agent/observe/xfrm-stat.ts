import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Packets that came in by ESP, were decrypted and counted, and were dropped all the same, because the policy for their networks
 * belongs to another SA. Source: Linux, Documentation/networking/xfrm_proc.rst.
 */
const MISMATCHES = ["XfrmInTmplMismatch", "XfrmInStateMismatch", "XfrmInNoPols"];

/** How many packets the kernel has dropped so since it started; null where it does not tell. */
export const parseXfrmStat = (text: string): number | null => {
  const counts = MISMATCHES.flatMap((name) => {
    const count = new RegExp(`^${name}\\s+(\\d+)\\s*$`, "m").exec(text)?.[1];
    return count === undefined ? [] : [Number(count)];
  });
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
};

export const readXfrmStat = (root: string): Promise<number | null> =>
  readFile(join(root, "proc/net/xfrm_stat"), "utf8").then(parseXfrmStat, () => null);
