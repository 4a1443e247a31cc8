import { waitUntil } from "../lab/check.ts";
import type { Lab } from "../lab/lab.ts";
import type { Running } from "../lab/processes.ts";

const established = async (lab: Lab): Promise<number> => (await lab.charonLog()).match(/CHILD_SA \S+ established/g)?.length ?? 0;

/** Seconds from the agent's start until charon has installed every wanted CHILD_SA, by charon's own log. */
export const coldStart = async (lab: Lab, start: () => Promise<Running> | Running): Promise<number> => {
  const before = await established(lab);
  const startedAt = performance.now();
  const agent = await start();
  return waitUntil(
    `${lab.wantedTunnels} CHILD_SA(s) to be installed`,
    60,
    async () => {
      const count = (await established(lab)) - before;
      if (count >= lab.wantedTunnels) return { done: true, value: (performance.now() - startedAt) / 1000 };
      return { done: false, seen: `${count} installed; agent: ${agent.output().trim().split("\n").at(-1) ?? ""}` };
    },
    10,
  );
};
