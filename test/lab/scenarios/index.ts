import { byHand } from "./by-hand.ts";
import { quiet } from "./quiet.ts";
import type { Scenario } from "./scenario.ts";
import { tools } from "./tools.ts";
import { up } from "./up.ts";

export const SCENARIOS: readonly Scenario[] = [up, byHand, tools, quiet];
