import { AGENT_CHECKS } from "./agent-checks.ts";
import { HEROKU_CHECKS } from "./heroku-checks.ts";
import { HOST_CHECKS } from "./host-checks.ts";
import { KERNEL_CHECKS } from "./kernel-checks.ts";
import { LINK_CHECKS } from "./link-checks.ts";
import type { CheckSpec } from "./spec.ts";
import { STRONGSWAN_CHECKS } from "./strongswan-checks.ts";
import { WAY_CHECKS } from "./way-checks.ts";

/** The declared list of checks, causes before what follows from them. */
export const CHECKS: readonly CheckSpec[] = [
  ...HEROKU_CHECKS,
  ...STRONGSWAN_CHECKS,
  ...KERNEL_CHECKS,
  ...WAY_CHECKS,
  ...HOST_CHECKS,
  ...LINK_CHECKS,
  ...AGENT_CHECKS,
];
