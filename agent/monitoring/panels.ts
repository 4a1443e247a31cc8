import type { Row } from "./panel.ts";
import { AGENT, OVERVIEW } from "./panels-gateway.ts";
import { PRIVATELINK } from "./panels-links.ts";
import { TRAFFIC, TUNNELS } from "./panels-tunnels.ts";

/** What the dashboard shows, from the top. */
export const ROWS: readonly Row[] = [OVERVIEW, TUNNELS, TRAFFIC, PRIVATELINK, AGENT];
