import { systemClock } from "../../../agent/lib/clock.ts";
import { checkEqual, waitUntil } from "../check.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import type { Running } from "../processes.ts";
import type { Scenario } from "./scenario.ts";

/** Seconds until charon has installed the first `count` CHILD_SAs, by its own log. */
const untilInstalled = async (lab: Lab, agent: Running, count: number, startedAt: number): Promise<number> =>
  waitUntil(
    `${count} CHILD_SA(s) to be installed`,
    40,
    async () => {
      lab.checkAgentRuns();
      const seen = (await lab.charonLog()).match(/CHILD_SA \S+ established/g)?.length ?? 0;
      if (seen >= count) return { done: true, value: (systemClock.monotonic() - startedAt) / 1000 };
      return { done: false, seen: `${seen} installed; agent: ${agent.output().trim().split("\n").at(-1) ?? ""}` };
    },
    10,
  );

export const up: Scenario = {
  name: "up",
  title: "The agent brings the tunnels up, 20 pings pass, and /healthz says so",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    const installed = lab.wantedTunnels;
    lab.progress("starting the stand-in Platform API and the agent");
    await lab.heroku.start();
    const startedAt = systemClock.monotonic();
    const agent = await lab.startAgent();
    const seconds = await untilInstalled(lab, agent, installed, startedAt);
    lab.findings.notes.push(
      `agent start to ${installed === 2 ? "both children" : "the child"} INSTALLED: ${seconds.toFixed(2)} s`,
    );
    lab.progress("asking /healthz");
    lab.findings.tunnels = (await untilWhole(lab)).tunnels;
    lab.progress("20 pings from the LAN to the dyno");
    const { sent, received } = await lab.ping(20);
    lab.findings.ping = { sent, received };
    await lab.http("/metrics");
    const states = (await lab.tunnelsFromCharon()).map(({ child }) => child);
    checkEqual(states.filter((state) => state === "INSTALLED").length, installed, "INSTALLED children, by charon");
    checkEqual({ sent, received }, { sent: 20, received: 20 }, "the pings");
  },
};
