import type { AttemptState } from "../apply/bring-up.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { Draining } from "../model/drain.ts";
import type { ObservedCharon } from "../model/observed.ts";
import type { LinkStatus } from "../model/privatelink.ts";
import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import type { ListenerState } from "../model/status.ts";
import { fragmentIsNewer } from "../plan/charon-steps.ts";
import { firewallStatus, firewallTrouble } from "./firewall-view.ts";
import type { Liveness } from "./liveness.ts";
import type { Outlook } from "./outlook.ts";
import type { PassPlan } from "./pass.ts";
import type { PassLog } from "./pass-log.ts";
import { probeSource, settingsOf } from "./probes.ts";
import { type Snapshot, troubleOf } from "./status-view.ts";
import type { Steering } from "./steering.ts";
import type { TunnelMemory } from "./tunnel-memory.ts";

const IP_FORWARD = "net/ipv4/ip_forward";

/** What the gateway knows at one moment, and who knows it. */
export interface Known {
  readonly settings: Settings;
  readonly settingsRefused: string | null;
  readonly rooted: boolean;
  readonly states: readonly SourceState[];
  readonly plan: PassPlan | undefined;
  readonly outlook: Outlook;
  /** Packets that the firewall did not forward between the newest two looks. */
  readonly newRefusals: number;
  readonly charon: ObservedCharon;
  readonly tunnels: TunnelMemory;
  readonly liveness: Liveness;
  readonly steering: Steering;
  readonly attempts: Readonly<Record<string, AttemptState>>;
  readonly fingerprint: Snapshot["fingerprint"];
  readonly privatelinks: readonly LinkStatus[];
  readonly listener: ListenerState;
  readonly draining: Draining | undefined;
  readonly passes: PassLog;
  readonly version: string;
  readonly now: number;
}

const charonFacts = ({ charon, rooted }: Known): Snapshot["host"]["charon"] =>
  // Below a directory nobody expects a daemon.
  rooted
    ? { running: true, via: "none", why: "" }
    : charon.kind === "running"
      ? { running: true, via: charon.via, why: "" }
      : { running: false, via: "none", why: charon.why };

const restartNeeded = ({ plan, charon }: Known): boolean =>
  plan !== undefined && charon.kind === "running" && fragmentIsNewer(plan.files, plan.observed, charon);

const probeImpossible = ({ settings, outlook: { facts }, rooted }: Known, tunnel: DesiredTunnel | undefined): boolean =>
  !rooted &&
  tunnel !== undefined &&
  settingsOf(settings, tunnel)?.probe !== undefined &&
  probeSource(tunnel, settings, facts.addresses) === undefined;

/** Every connection asks for its own: searching for it each time would cost the square of their number. */
const byConnection = ({ states, plan }: Known): Pick<Snapshot, "state" | "tunnels" | "problems"> => {
  const state = new Map(states.map((one) => [connectionKey(one.ref), one]));
  const tunnels = Map.groupBy(plan?.result.desired.tunnels ?? [], ({ ref }) => connectionKey(ref));
  const problems = Map.groupBy(plan?.result.problems ?? [], ({ connection }) => connection);
  return {
    state: (key) => state.get(key),
    tunnels: (key) => tunnels.get(key) ?? [],
    problems: (key) => problems.get(key) ?? [],
  };
};

/** An idle tunnel's old failure says nothing about what a try would bring now. */
const failureOf = (attempt: AttemptState | undefined): ReturnType<Snapshot["failure"]> => ({
  words: attempt?.failure ?? "",
  lines: attempt?.failureLines ?? [],
});

/** What this very pass sets is no trouble. */
const ipForward = ({ plan, outlook }: Known): boolean | null => {
  const isSet = plan?.steps.some((step) => step.kind === "set-sysctl" && step.sysctl.key === IP_FORWARD);
  return isSet ? null : outlook.ipForward;
};

/** What a status is made of, drawn from what the gateway knows. */
export const takeSnapshot = (known: Known): Snapshot => {
  const { plan, outlook, charon, tunnels, liveness, steering, passes } = known;
  const desired = plan?.result.desired.tunnels ?? [];
  const own = byConnection(known);
  const idle = new Set(desired.filter((tunnel) => steering.standsBy(tunnel)).map(({ conn }) => conn));
  return {
    settings: known.settings,
    ...own,
    sas: (conn) => tunnels.sasOf(conn),
    carriers: steering.carriers(),
    totals: (conn) => tunnels.totals(conn),
    losses: (conn) => tunnels.losses(conn),
    recentLosses: (conn) => tunnels.recentLosses(conn),
    verdict: (conn) => liveness.verdict(conn),
    isProbed: (conn) => liveness.isProbed(conn),
    drawsAnswers: (conn) => liveness.drawsAnswers(conn),
    failure: (conn) => failureOf(idle.has(conn) ? undefined : known.attempts[conn]),
    addresses: outlook.facts.addresses,
    fingerprint: known.fingerprint,
    since: (conn) => tunnels.since(conn),
    settled: (key) => tunnels.settled(key),
    probeImpossible: (key) => probeImpossible(known, own.tunnels(key)[0]),
    host: {
      ready: passes.counts.total > 0,
      charon: charonFacts(known),
      settingsRefused: known.settingsRefused,
      passError: passes.error ? troubleOf(passes.error) : null,
      restartNeeded: restartNeeded(known),
      filesHeld: plan?.filesHeld === true && desired.length > 0,
      ipForward: ipForward(known),
      firewallTrouble: firewallTrouble(known),
      newForwardRefusals: known.newRefusals,
      newMismatches: outlook.newMismatches,
      listenerTroubles: known.listener.troubles,
    },
    privatelinks: known.privatelinks,
    listener: known.listener.status,
    draining: known.draining,
    firewall: known.rooted ? undefined : firewallStatus(known),
    charonVersion: charon.kind === "running" ? charon.version : "",
    passes: passes.counts,
    drills: outlook.drills,
    version: known.version,
    startedAt: tunnels.startedAt,
    now: known.now,
  };
};
