import { agentKilled } from "./agent-killed.ts";
import { byHand } from "./by-hand.ts";
import { quiet } from "./quiet.ts";
import type { Scenario } from "./scenario.ts";
import { settingsChange } from "./settings-change.ts";
import { sourceOutage } from "./source-outage.ts";
import { tools } from "./tools.ts";
import { up } from "./up.ts";

export const SCENARIOS: readonly Scenario[] = [up, byHand, tools, quiet, agentKilled, settingsChange, sourceOutage];
