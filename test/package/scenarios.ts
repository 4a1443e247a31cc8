import type { Scenario } from "../lab/scenarios/scenario.ts";
import { live } from "./life.ts";

export const SUITES = ["bookworm", "trixie"] as const;

/** A package's life on a new system of each suite, as scenarios of the lab: its gateway is that system. */
export const SCENARIOS: readonly Scenario[] = SUITES.map((suite) => ({
  name: suite,
  title: `From a clean ${suite} over install, upgrade, failover and removal to a clean ${suite}`,
  engines: ["libipsec"],
  timeoutSeconds: 600,
  run: (lab) => live(lab, suite),
}));
