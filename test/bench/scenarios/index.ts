import type { Scenario } from "../../lab/scenarios/scenario.ts";
import { aws } from "./aws.ts";
import { documented } from "./documented.ts";
import { kill } from "./kill.ts";
import { policyPassive } from "./policy-passive.ts";
import { soak } from "./soak.ts";
import { steady } from "./steady.ts";
import { vti } from "./vti.ts";

/** What measures in the lab's cells; none of them is among the lab's own scenarios, which assert. */
export const SCENARIOS: readonly Scenario[] = [documented, aws, vti, policyPassive, steady, soak, kill];
