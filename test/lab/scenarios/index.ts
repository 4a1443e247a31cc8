import { agentKilled } from "./agent-killed.ts";
import { badDetails } from "./bad-details.ts";
import { byHand } from "./by-hand.ts";
import { charonKilled } from "./charon-killed.ts";
import { quiet } from "./quiet.ts";
import { rotateAddress } from "./rotate-address.ts";
import { rotatePsk } from "./rotate-psk.ts";
import type { Scenario } from "./scenario.ts";
import { secrets } from "./secrets.ts";
import { settingsChange } from "./settings-change.ts";
import { sourceOutage } from "./source-outage.ts";
import { tools } from "./tools.ts";
import { up } from "./up.ts";

export const SCENARIOS: readonly Scenario[] = [
  up,
  byHand,
  tools,
  quiet,
  secrets,
  agentKilled,
  charonKilled,
  settingsChange,
  sourceOutage,
  badDetails,
  rotatePsk,
  rotateAddress,
];
