import type { FactName, Facts, FactValues } from "./facts.ts";
import { type Group, skipped, type Verdict } from "./result.ts";

interface Declared {
  /** Names the trouble that the check looks for. */
  readonly code: string;
  /** What holds when it passes. */
  readonly title: string;
  readonly group: Group;
  /** Codes that explain this one: what one of them failed for is not told again here. */
  readonly explainedBy?: readonly string[];
}

/** One entry of the declared list of checks. */
export interface CheckSpec extends Declared {
  /** Without any one of these the check is skipped: it never passes by default. */
  readonly needs: readonly FactName[];
  readonly judge: (facts: Facts) => readonly Verdict[];
}

interface Judging<N extends FactName> extends Declared {
  readonly needs: readonly N[];
  /** Pure; an empty list means that there was nothing to look at. */
  readonly judge: (facts: Pick<FactValues, N>) => readonly Verdict[];
}

/** Declares a check; its judge is only asked when everything that it needs is known. */
export const defineCheck = <const N extends FactName>({ judge, ...declared }: Judging<N>): CheckSpec => ({
  ...declared,
  judge: (facts) => {
    const known: Partial<FactValues> = {};
    for (const name of declared.needs) {
      const fact = facts[name];
      if (!fact.known) return [skipped(fact.why, fact.find)];
      Object.assign(known, { [name]: fact.value });
    }
    const verdicts = judge(known as Pick<FactValues, N>);
    return verdicts.length > 0 ? verdicts : [skipped("There is nothing to look at.")];
  },
});
