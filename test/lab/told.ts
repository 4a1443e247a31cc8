import { waitUntil } from "./check.ts";
import type { Lab } from "./lab.ts";

interface ToldWarning {
  readonly code: string;
  readonly text: string;
  readonly fix: string;
  readonly tunnel?: 1 | 2;
}

/** What /healthz tells about one tunnel's trouble. */
export interface Told {
  /** "code: sentence", "" without one. */
  readonly reason: string;
  readonly warnings: readonly ToldWarning[];
}

interface Body {
  readonly connections: readonly { readonly tunnels: readonly { readonly index: 1 | 2; readonly reason: string }[] }[];
  readonly warnings: readonly ToldWarning[];
}

export const readTold = async (lab: Lab, tunnel: 1 | 2): Promise<Told> => {
  const body = (await lab.http("/healthz"))?.body ?? "";
  if (!body.startsWith("{")) return { reason: "", warnings: [] };
  const { connections, warnings } = JSON.parse(body) as Body;
  const reason = connections[0]?.tunnels.find(({ index }) => index === tunnel)?.reason ?? "";
  return { reason, warnings: warnings.filter((warning) => warning.tunnel === tunnel) };
};

/** Waits until /healthz gives the reason and, when asked for, a warning about the tunnel has its fix; returns the sentence. */
export const untilReason = (
  lab: Lab,
  tunnel: 1 | 2,
  code: string,
  fix: RegExp | undefined,
  timeoutSeconds = 40,
): Promise<string> =>
  waitUntil(
    `tunnel ${tunnel} to be told as ${code}, with a fix like ${fix?.source ?? "any"}`,
    timeoutSeconds,
    async () => {
      lab.checkAgentRuns();
      const told = await readTold(lab, tunnel);
      const done = told.reason.startsWith(`${code}: `) && (!fix || told.warnings.some((warning) => fix.test(warning.fix)));
      return done ? { done, value: told.reason.slice(code.length + 2) } : { done, seen: JSON.stringify(told) };
    },
    100,
  );
