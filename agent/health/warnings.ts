import { CONNECTION_WARNINGS } from "./connection-warnings.ts";
import { DRAIN_WARNINGS } from "./drain-warnings.ts";
import { FIREWALL_WARNINGS } from "./firewall-warnings.ts";
import { HOST_WARNINGS } from "./host-warnings.ts";
import { LINK_WARNINGS } from "./link-warnings.ts";
import { LISTENER_WARNINGS } from "./listener-warnings.ts";
import type { WarningSpec } from "./spec.ts";
import { TUNNEL_WARNINGS } from "./tunnel-warnings.ts";

/** The declared list of warnings. It alone drives /healthz, the metrics, `spacegate status` and the log. */
export const WARNINGS: readonly WarningSpec[] = [
  ...DRAIN_WARNINGS,
  ...HOST_WARNINGS,
  ...FIREWALL_WARNINGS,
  ...LISTENER_WARNINGS,
  ...CONNECTION_WARNINGS,
  ...TUNNEL_WARNINGS,
  ...LINK_WARNINGS,
];
