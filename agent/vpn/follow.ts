import { SpacegateError } from "../lib/errors.ts";
import type { Look } from "../lib/flow.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import { type ConnectionStatus, isUp, type TunnelStatus } from "../model/status.ts";
import { type FlowDeps, waitFor } from "./flow.ts";
import type { VpnConnection } from "./heroku-vpn.ts";

/** The running agent's view of one connection; undefined when it has none of that name. Rejects with NOT_RUNNING. */
export type AskAgent = (ref: ConnectionRef) => Promise<ConnectionStatus | undefined>;

/** passing: proven. up: installed, and nothing proves more. not-running, not-configured: there is no agent to ask. */
export type Followed = "passing" | "up" | "not-running" | "not-configured";

const LOOK_MS = 2000;

const stateOf = (tunnel: TunnelStatus): string => {
  if (!isUp(tunnel)) return "down";
  return tunnel.passing === null ? "up" : tunnel.passing ? "passing" : "up, not passing";
};

/** The agent goes by the new connection: asked Heroku since, and has its addresses. */
const isTaken = (agent: ConnectionStatus, connection: VpnConnection, since: number): boolean =>
  agent.source.origin === "source" &&
  (agent.source.confirmedAt ?? 0) >= since &&
  connection.tunnels.every(({ ip }) => agent.tunnels.some(({ address }) => address === ip));

/** With policy routing one tunnel is up at a time, and the other one ready. */
const wanted = ({ routing, tunnels }: ConnectionStatus): number => (routing === "policy" ? 1 : tunnels.length);

const SAVE = "its source is a file: save them there with `heroku spaces:vpn:info --json`";

const judge = (agent: ConnectionStatus, connection: VpnConnection, since: number): Look<Followed> => {
  const key = connectionKey(agent);
  if (!isTaken(agent, connection, since)) {
    const trouble = agent.source.kind === "file" ? ` (${SAVE})` : agent.source.error ? ` (${agent.source.error})` : "";
    return { seen: `the agent has not taken the new details of ${key} yet${trouble}` };
  }
  const passing = agent.tunnels.filter((tunnel) => isUp(tunnel) && tunnel.passing === true).length;
  if (passing >= wanted(agent)) return { done: "passing" };
  const tunnels = agent.tunnels.map((tunnel) => `tunnel ${tunnel.index} ${stateOf(tunnel)}`);
  return { seen: `the agent has ${key}'s new details; ${tunnels.join(", ")}` };
};

/** Both up for so long without any proof: there is no probe, and no traffic. */
const UNPROVEN_MS = 20_000;

const nothingProves = (agent: ConnectionStatus): boolean =>
  agent.tunnels.filter((tunnel) => isUp(tunnel) && tunnel.passing !== false).length >= wanted(agent);

/** True for a failure that only says that no agent answers. */
const isAway = (thrown: unknown): boolean => thrown instanceof SpacegateError && thrown.code === "NOT_RUNNING";

/**
 * Waits until the agent on this host has its tunnels by the new details, and proves that they pass. `since`: wall clock,
 * milliseconds, before which details are old. Resolves at once when no agent answers, or has no such connection.
 */
export const follow = (
  ref: ConnectionRef,
  connection: VpnConnection,
  since: number,
  deps: FlowDeps & { readonly agent: AskAgent },
): Promise<Followed> => {
  let unprovenSince: number | undefined;
  const look = async (): Promise<Look<Followed>> => {
    const agent = await deps.agent(ref).catch((thrown: unknown) => {
      if (isAway(thrown)) return "away" as const;
      throw thrown;
    });
    if (agent === "away") return { done: "not-running" };
    if (!agent) return { done: "not-configured" };
    const judged = judge(agent, connection, since);
    const unproven = !("done" in judged) && isTaken(agent, connection, since) && nothingProves(agent);
    unprovenSince = unproven ? (unprovenSince ?? deps.clock.monotonic()) : undefined;
    const long = unprovenSince !== undefined && deps.clock.monotonic() - unprovenSince >= UNPROVEN_MS;
    return long ? { done: "up" } : judged;
  };
  return waitFor({ what: `the agent to have ${connectionKey(ref)}'s new tunnels passing`, pollMs: LOOK_MS }, look, deps);
};
