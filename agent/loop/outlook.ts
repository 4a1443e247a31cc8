import { connectionKey } from "../model/connection.ts";
import type { HostFacts } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import type { Status } from "../model/status.ts";
import type { Carriers } from "../plan/desired.ts";
import { tunnelOf } from "../plan/naming.ts";
import type { GatewayDeps } from "./gateway-deps.ts";
import type { Liveness } from "./liveness.ts";
import type { PassInput } from "./pass.ts";
import type { Steering } from "./steering.ts";

/** What a pass finds out about the host before it plans. */
export interface Outlook {
  readonly facts: HostFacts;
  /** null: not known. */
  readonly ipForward: boolean | null;
  readonly drills: Status["drills"];
  /** Since the kernel started; null: not known. */
  readonly policyMismatches: number | null;
  /** Since the look before this one. */
  readonly newMismatches: number;
}

export const NO_OUTLOOK: Outlook = {
  facts: { vti: false, sourceAddress: {}, addresses: [], devices: {}, memoryBytes: 0 },
  ipForward: null,
  drills: [],
  policyMismatches: null,
  newMismatches: 0,
};

export const lookOut = async (deps: GatewayDeps, before: Outlook): Promise<Outlook> => {
  const { states, observeHost, ipForward, drills } = deps;
  const connections = states().flatMap((state) => state.connection ?? []);
  const targets = connections.flatMap((connection) => connection.tunnels.map((tunnel) => tunnel.ip));
  const policyMismatches = await deps.policyMismatches();
  return {
    facts: await observeHost(targets),
    ipForward: await ipForward(),
    drills: await drills(),
    policyMismatches,
    newMismatches: Math.max(0, (policyMismatches ?? 0) - (before.policyMismatches ?? policyMismatches ?? 0)),
  };
};

interface Minds {
  readonly settings: Settings;
  readonly outlook: Outlook;
  readonly liveness: Liveness;
  readonly steering: Steering;
}

/** One tunnel a connection is made anew at a time, the carrier first: the far end may answer by the other one meanwhile. */
const oneEach = (hopeless: readonly string[], carriers: Carriers): ReadonlySet<string> => {
  const groups = Map.groupBy(hopeless, (conn) => connectionKey(tunnelOf(conn)));
  return new Set(
    [...groups].flatMap(([key, conns]) => conns.find((conn) => tunnelOf(conn).index === carriers[key]) ?? conns[0] ?? []),
  );
};

/** Everything that one pass goes by, as it is now. */
export const passInput = async (deps: GatewayDeps, { settings, outlook, liveness, steering }: Minds): Promise<PassInput> => ({
  settings,
  connections: deps.states().flatMap((state) => state.connection ?? []),
  facts: outlook.facts,
  carriers: steering.carriers(),
  attempts: deps.attempts(),
  passing: (conn) => liveness.verdict(conn).passing,
  keptDown: (conn) => liveness.isKeptDown(conn),
  closed: steering.isClosed,
  hopeless: oneEach(liveness.hopeless(), steering.carriers()),
  templates: await deps.templates(),
  fingerprint: deps.fingerprint,
  standalone: deps.standalone,
  paths: deps.paths,
  now: deps.clock.monotonic(),
});
