import { waitUntil } from "./check.ts";
import type { TunnelReport } from "./events.ts";
import type { Lab } from "./lab.ts";

interface HealthWarning {
  readonly code: string;
  readonly text: string;
  readonly tunnel?: 1 | 2;
}

interface HealthBody {
  readonly status: string;
  readonly connections: readonly {
    readonly carrier: 1 | 2 | null;
    readonly tunnels: readonly {
      readonly index: 1 | 2;
      readonly address: string;
      readonly ike: string;
      readonly child: string;
      readonly passing: boolean | null;
      /** null before the first answered probe. */
      readonly rtt_ms: number | null;
    }[];
  }[];
  readonly warnings: readonly HealthWarning[];
}

/** What GET /healthz says. */
export interface Health {
  readonly code: number;
  readonly status: string;
  readonly tunnels: readonly TunnelReport[];
  readonly warnings: readonly HealthWarning[];
  /** So many tunnels are installed and have answered probes: counters alone may vouch for one whose probes are still out. */
  readonly proven: number;
  /** Of the first connection. */
  readonly carrier: 1 | 2 | null;
}

const parse = (code: number, body: HealthBody): Health => ({
  code,
  status: body.status,
  warnings: body.warnings,
  proven: body.connections
    .flatMap(({ tunnels }) => tunnels)
    .filter(({ child, passing, rtt_ms }) => child === "INSTALLED" && passing && rtt_ms !== null).length,
  carrier: body.connections[0]?.carrier ?? null,
  tunnels: body.connections.flatMap(({ carrier, tunnels }) =>
    tunnels.map(({ index, address, ike, child, passing }) => ({
      index,
      address,
      ike,
      child,
      passing,
      carrier: carrier === index,
    })),
  ),
});

/** Undefined while nothing answers. */
export const readHealth = async (lab: Lab): Promise<Health | undefined> => {
  const answer = await lab.http("/healthz");
  if (!answer) return undefined;
  lab.findings.healthz = answer.status;
  return answer.body.startsWith("{") ? parse(answer.status, JSON.parse(answer.body) as HealthBody) : undefined;
};

/** Asks /healthz until what it says `holds`; returns that answer. */
export const untilHealth = (
  lab: Lab,
  what: string,
  timeoutSeconds: number,
  holds: (health: Health) => boolean,
): Promise<Health> =>
  waitUntil(`/healthz to report ${what}`, timeoutSeconds, async () => {
    lab.checkAgentRuns();
    const health = await readHealth(lab);
    if (health && holds(health)) return { done: true, value: health };
    return { done: false, seen: health ? JSON.stringify(health) : "no answer" };
  });

/** As many tunnels as the routing wants are installed and answer probes. */
export const isWhole = (lab: Lab, { code, status, proven }: Health): boolean =>
  code === 200 && status === "ok" && proven === lab.wantedTunnels;

export const untilWhole = (lab: Lab, timeoutSeconds = 60): Promise<Health> =>
  untilHealth(lab, "every wanted tunnel as passing", timeoutSeconds, (health) => isWhole(lab, health));

/** Waits for a warning whose text has every one of the words; returns its text. */
export const untilWarning = async (lab: Lab, code: string, ...words: readonly string[]): Promise<string> => {
  const find = ({ warnings }: Health) =>
    warnings.find((warning) => warning.code === code && words.every((word) => warning.text.includes(word)))?.text;
  const health = await untilHealth(lab, `${code} with ${words.join(", ")}`, 20, (one) => find(one) !== undefined);
  return find(health) ?? "";
};

export const untilNoWarning = (lab: Lab, code: string): Promise<Health> =>
  untilHealth(lab, `no ${code}`, 20, ({ warnings }) => warnings.every((warning) => warning.code !== code));
