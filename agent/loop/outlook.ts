import type { HostFacts } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import type { Status } from "../model/status.ts";
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
}

export const NO_OUTLOOK: Outlook = { facts: { vti: false, sourceAddress: {}, addresses: [] }, ipForward: null, drills: [] };

export const lookOut = async ({ states, observeHost, ipForward, drills }: GatewayDeps): Promise<Outlook> => {
  const connections = states().flatMap((state) => state.connection ?? []);
  const targets = connections.flatMap((connection) => connection.tunnels.map((tunnel) => tunnel.ip));
  return { facts: await observeHost(targets), ipForward: await ipForward(), drills: await drills() };
};

interface Minds {
  readonly settings: Settings;
  readonly outlook: Outlook;
  readonly liveness: Liveness;
  readonly steering: Steering;
}

/** Everything that one pass goes by, as it is now. */
export const passInput = async (deps: GatewayDeps, { settings, outlook, liveness, steering }: Minds): Promise<PassInput> => ({
  settings,
  connections: deps.states().flatMap((state) => state.connection ?? []),
  facts: outlook.facts,
  carriers: steering.carriers(),
  attempts: deps.attempts(),
  passing: (conn) => liveness.verdict(conn).passing,
  hopeless: new Set(liveness.hopeless()),
  templates: await deps.templates(),
  fingerprint: deps.fingerprint,
  standalone: deps.standalone,
  paths: deps.paths,
  now: deps.clock.monotonic(),
});
