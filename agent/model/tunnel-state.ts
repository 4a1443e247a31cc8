import { type ConnectionStatus, isUp, type TunnelStatus } from "./status.ts";

/**
 * One tunnel in one word, for people. carries: traffic uses it. ready: up, and could carry at once. idle: left down on purpose,
 * with policy routing. coming: not up yet. silent: up, and nothing comes back through it. down: it should be up and is not.
 */
export type TunnelState = "carries" | "ready" | "idle" | "coming" | "silent" | "down";

/** With policy routing the tunnel that does not carry is down on purpose. */
export const isWanted = ({ routing, carrier }: Pick<ConnectionStatus, "routing" | "carrier">, index: 1 | 2): boolean =>
  routing !== "policy" || carrier === index;

export const tunnelState = (
  connection: Pick<ConnectionStatus, "routing" | "carrier" | "status">,
  tunnel: Pick<TunnelStatus, "index" | "child" | "passing">,
): TunnelState => {
  if (isUp(tunnel)) return tunnel.passing === false ? "silent" : connection.carrier === tunnel.index ? "carries" : "ready";
  if (!isWanted(connection, tunnel.index)) return "idle";
  return connection.status === "starting" || connection.status === "waiting" ? "coming" : "down";
};
