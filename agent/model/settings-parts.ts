import * as z from "zod";
import { parseDuration } from "../lib/duration.ts";
import { isIPv4 } from "../lib/ip.ts";

/* What several parts of the settings are made of. */

/**
 * Lets a rule between keys speak although something else in the same mapping is wrong, so that all problems come at once;
 * only when one of its own keys is wrong (or there is no mapping at all) it has nothing to judge.
 */
export const isSound =
  (...keys: string[]) =>
  ({ issues }: z.core.ParsePayload): boolean =>
    issues.every(({ code, path = [] }) => (path.length === 0 ? code === "unrecognized_keys" : !keys.includes(String(path[0]))));

export const durationSchema = (minMs: number, maxMs: number, range: string) =>
  z
    .string()
    .refine((text) => parseDuration(text) !== undefined, "must be a number with a unit: ms, s, m, h or d")
    .refine((text) => {
      const ms = parseDuration(text);
      return ms === undefined || (ms >= minMs && ms <= maxMs);
    }, `must be ${range}`)
    .meta({ pattern: "^\\d+(\\.\\d+)?(ms|s|m|h|d)$", $comment: range });

export const wholeSeconds = (minS: number, maxS: number, range: string) =>
  durationSchema(minS * 1000, maxS * 1000, range).refine(
    (text) => (parseDuration(text) ?? 0) % 1000 === 0,
    "must be whole seconds: strongSwan knows nothing finer here",
  );

export const address = z
  .string()
  .refine(isIPv4, "must be an IPv4 address")
  .meta({ format: "ipv4", examples: ["172.16.0.2"] });
