import type { Facts } from "./facts.ts";
import { type CheckReport, type CheckResult, GROUPS, type Verdict } from "./result.ts";
import type { CheckSpec } from "./spec.ts";

const isTrouble = ({ status }: Pick<Verdict, "status">): boolean => status === "failed" || status === "warning";

/** Another check told the same: by the same code, or in the same words. */
const sameTrouble = (a: CheckResult, b: CheckResult): boolean =>
  a.connection === b.connection && a.link === b.link && ((a.code === b.code && a.tunnel === b.tunnel) || a.text === b.text);

/** A cause without a connection or tunnel explains whatever follows from it. */
const covers = (cause: CheckResult, { connection, tunnel }: Verdict): boolean =>
  (cause.connection === undefined || cause.connection === connection) && (cause.tunnel === undefined || cause.tunnel === tunnel);

const toResult = ({ code, title, group }: CheckSpec, { as, ...verdict }: Verdict): CheckResult => ({
  code,
  title,
  group,
  ...verdict,
  ...as,
});

const causeOf = (spec: CheckSpec, result: CheckResult, troubles: readonly CheckResult[]): CheckResult | undefined =>
  result.status === "failed"
    ? troubles.find((one) => one.status === "failed" && spec.explainedBy?.includes(one.code) && covers(one, result))
    : undefined;

/**
 * Holds the declared checks against the facts, in their order: a cause is declared before what follows from it, and what follows
 * is told as skipped. Where two checks find the same trouble, the first one tells it.
 */
export const runChecks = (specs: readonly CheckSpec[], facts: Facts): CheckReport => {
  const results: CheckResult[] = [];
  const troubles: CheckResult[] = [];
  for (const spec of specs) {
    const own = spec.judge(facts).map((verdict) => toResult(spec, verdict));
    for (const { fix, ...result } of own) {
      const cause = causeOf(spec, result, troubles);
      if (cause) results.push({ ...result, code: spec.code, status: "skipped", text: `It follows from ${cause.code}.` });
      else if (!isTrouble(result) || !troubles.some((other) => sameTrouble(other, result)))
        results.push({ ...result, ...(fix === undefined ? {} : { fix }) });
    }
    troubles.push(...own.filter(isTrouble));
  }
  results.sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group));
  return { ok: results.every(({ status }) => status !== "failed"), results };
};
