import type { LinkHealth } from "../model/privatelink.ts";
import type { ConnectionHealth, ConnectionStatus, Status, Warning } from "../model/status.ts";
import { type HealthFacts, isUsable } from "./facts.ts";
import type { Finding, WarningSpec } from "./spec.ts";
import { WARNINGS } from "./warnings.ts";

/** Since when each finding holds, milliseconds since the epoch, by its identity. Handed back in with the next evaluation. */
export type HealthMemory = ReadonlyMap<string, number>;

export interface Evaluation {
  /** What is shown, the most severe first. */
  readonly warnings: readonly Warning[];
  readonly memory: HealthMemory;
  /** Milliseconds until a finding that holds already becomes visible; null when none waits. */
  readonly nextMs: number | null;
}

interface Held {
  readonly identity: string;
  readonly spec: WarningSpec;
  readonly finding: Finding;
  readonly since: number;
}

/** Findings of one code about one thing are told apart by their order, so that a changed text does not make a finding new. */
const identities = (spec: WarningSpec, findings: readonly Finding[]): [string, Finding][] => {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const about = [spec.code, finding.connection ?? "", finding.tunnel ?? "", finding.link ?? ""].join("|");
    const ordinal = seen.get(about) ?? 0;
    seen.set(about, ordinal + 1);
    return [`${about}|${ordinal}`, finding];
  });
};

const RANK = { critical: 0, warning: 1, info: 2 } as const;

const explains = (cause: Held, effect: Held): boolean =>
  effect.spec.dependsOn.includes(cause.spec.code) &&
  (cause.finding.connection === undefined || cause.finding.connection === effect.finding.connection) &&
  (cause.finding.tunnel === undefined || cause.finding.tunnel === effect.finding.tunnel) &&
  (cause.finding.link === undefined || cause.finding.link === effect.finding.link);

const toWarning = ({ spec, finding, since }: Held): Warning => ({
  code: spec.code,
  severity: spec.severity,
  title: spec.title,
  text: finding.text,
  fix: finding.fix,
  since,
  ...(finding.connection === undefined ? {} : { connection: finding.connection }),
  ...(finding.tunnel === undefined ? {} : { tunnel: finding.tunnel }),
  ...(finding.link === undefined ? {} : { link: finding.link }),
});

/** Holds the declared list against the facts. `now` is milliseconds since the epoch. */
export const evaluate = (facts: HealthFacts, before: HealthMemory, now: number): Evaluation => {
  // A clock that was set back must not make a finding wait for the time that is gone.
  const held = WARNINGS.flatMap((spec) =>
    identities(spec, spec.find(facts)).map(
      ([identity, finding]): Held => ({ identity, spec, finding, since: Math.min(before.get(identity) ?? now, now) }),
    ),
  );
  const isDue = ({ spec, since }: Held): boolean => now - since >= spec.visibleAfterMs;
  const visible = held.filter((one) => isDue(one) && !held.some((other) => explains(other, one)));
  const waits = held.filter((one) => !isDue(one)).map(({ spec, since }) => since + spec.visibleAfterMs - now);
  return {
    warnings: visible.map(toWarning).sort((a, b) => RANK[a.severity] - RANK[b.severity]),
    memory: new Map(held.map(({ identity, since }) => [identity, since])),
    nextMs: waits.length > 0 ? Math.min(...waits) : null,
  };
};

export interface ConnectionView {
  readonly ready: boolean;
  /** Details are known and in force. */
  readonly planned: boolean;
  /** It was up since the agent started, or has had its time to come up. */
  readonly settled: boolean;
}

/** A connection in one word. Lost redundancy is degraded; with policy routing one tunnel is all there should be. */
export const connectionHealth = (
  connection: Pick<ConnectionStatus, "tunnels" | "routing">,
  view: ConnectionView,
): ConnectionHealth => {
  const usable = connection.tunnels.filter(isUsable).length;
  if (!view.ready) return "starting";
  if (!view.planned && usable === 0) return "waiting";
  if (usable === 0) return view.settled ? "down" : "starting";
  return usable >= (connection.routing === "policy" ? 1 : 2) ? "ok" : "degraded";
};

/**
 * The gateway in one word: down only when every connection is. A PrivateLink that is not well makes a gateway degraded whose
 * connections are, never down: the tunnels go on without it.
 */
export const overallHealth = (connections: readonly ConnectionHealth[], links: readonly LinkHealth[] = []): Status["status"] => {
  const tunnels = tunnelHealth(connections);
  return tunnels === "ok" && links.some((health) => health !== "ok" && health !== "starting") ? "degraded" : tunnels;
};

const tunnelHealth = (connections: readonly ConnectionHealth[]): Status["status"] => {
  const has = (...wanted: ConnectionHealth[]): boolean => connections.some((health) => wanted.includes(health));
  if (connections.every((health) => health === "ok")) return connections.length > 0 ? "ok" : "starting";
  if (has("ok", "degraded")) return "degraded";
  return has("starting") ? "starting" : "down";
};
