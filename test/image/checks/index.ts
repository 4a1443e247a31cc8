import { bootChecks, rebootChecks } from "./boot.ts";
import { brokenBootChecks, changeChecks } from "./changes.ts";
import type { ImageCheck } from "./check.ts";
import { failoverChecks } from "./failover.ts";
import { portChecks } from "./ports.ts";
import { pristineChecks } from "./pristine.ts";
import { secretChecks } from "./secrets.ts";
import { denialChecks, serviceChecks } from "./service.ts";

/** Before the machine is switched on. */
export const OFF: readonly ImageCheck[] = pristineChecks;

/** When it fails, nothing else can be asked. */
export const POWER_ON: readonly ImageCheck[] = bootChecks;

/** In this order: what is asked of the journal comes last. */
export const RUNNING: readonly ImageCheck[] = [
  ...serviceChecks,
  ...failoverChecks,
  ...changeChecks,
  ...portChecks,
  ...rebootChecks,
  ...brokenBootChecks,
  ...secretChecks,
  ...denialChecks,
];
