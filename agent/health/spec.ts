import type { DeclaredWarning } from "../model/status.ts";
import type { Trouble } from "../model/trouble.ts";
import type { HealthFacts } from "./facts.ts";

/** One place where a warning holds now. */
export interface Finding extends Trouble {
  readonly connection?: string;
  readonly tunnel?: 1 | 2;
  readonly link?: string;
}

/** One entry of the declared list. */
export interface WarningSpec extends DeclaredWarning {
  /** Codes that explain this one: while one of them holds for the same connection (or the host), this one is not shown. */
  readonly dependsOn: readonly string[];
  readonly find: (facts: HealthFacts) => readonly Finding[];
}
