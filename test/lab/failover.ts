import type { RawSettings } from "./agent.ts";
import { parseAgentLog } from "./agent-log.ts";
import { check } from "./check.ts";
import { type Health, readHealth, untilHealth } from "./health.ts";
import type { Lab } from "./lab.ts";
import type { PingSeries } from "./ping.ts";
import type { Running } from "./processes.ts";
import { quick } from "./steady.ts";

/** In seconds; short, so that a scenario need not wait a minute for traffic to come back. */
export const HOLD_DOWN = 2;

/** Changes the sample's only connection. */
export const withConnection =
  (change: RawSettings) =>
  (settings: RawSettings): RawSettings => ({
    ...settings,
    connections: (settings.connections as readonly RawSettings[]).map((connection) => ({ ...connection, ...change })),
  });

/** Quick passes and a short hold-down. */
export const steered = (settings: RawSettings): RawSettings =>
  withConnection({ steering: { hold_down: `${HOLD_DOWN}s` } })(quick(settings));

/** Only counters and events tell a dead tunnel. */
export const withoutProbe = (settings: RawSettings): RawSettings => ({
  ...settings,
  connections: (settings.connections as readonly RawSettings[]).map(({ probe: _probe, ...connection }) => connection),
});

/** The agent's moves of traffic, as "from tunnel 1 to tunnel 2: why". */
export const movesOf = (agent: Running): string[] =>
  parseAgentLog(agent.output()).flatMap(({ msg }) =>
    msg.startsWith("traffic moves ") ? [msg.slice("traffic moves ".length)] : [],
  );

export const untilCarrier = (lab: Lab, tunnel: 1 | 2, timeoutSeconds = 20): Promise<Health> =>
  untilHealth(lab, `tunnel ${tunnel} as the carrier`, timeoutSeconds, ({ carrier }) => carrier === tunnel);

/** How long the preferred tunnel carries at the beginning: on a slow machine the second one may have been quicker. */
export const untilFirstCarries = async (lab: Lab): Promise<void> => {
  await untilCarrier(lab, 1);
  // A tunnel is left and come back to in one stroke; what follows should not begin in the middle of it.
  await lab.sleep(0.5);
};

/** Notes how long no ping was answered, and throws when that was longer than it may be. */
export const checkOutage = (lab: Lab, series: PingSeries, limitSeconds: number, what: string): void => {
  const { sent, received, longestGapSeconds, packets } = series;
  lab.findings.ping = { sent, received };
  lab.findings.notes.push(
    `${what}: the longest time without an answer ${longestGapSeconds.toFixed(2)} s, ${sent - received} of ${sent} pings lost`,
  );
  check(
    longestGapSeconds < limitSeconds,
    `${what}: the LAN was cut off for ${longestGapSeconds.toFixed(2)} s, at most ${limitSeconds} s are allowed`,
  );
  check(packets.at(-1)?.answered === true, `${what}: the last ping should be answered`);
};

/** Throws unless the tunnel is shown as not passing. */
export const checkShownDead = async (lab: Lab, tunnel: 1 | 2): Promise<void> => {
  const health = await readHealth(lab);
  const shown = health?.tunnels[tunnel - 1];
  check(shown?.passing === false, `tunnel ${tunnel} should be shown as not passing, found ${JSON.stringify(shown)}`);
};
