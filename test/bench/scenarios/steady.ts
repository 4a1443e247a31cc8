import { agentEnvironment, daemonCommand, type PROGRAMS, prepareGateway, STANDALONE } from "../../lab/agent.ts";
import { untilWhole } from "../../lab/health.ts";
import type { Lab } from "../../lab/lab.ts";
import type { Running } from "../../lab/processes.ts";
import type { Scenario } from "../../lab/scenarios/scenario.ts";
import { benchSettings } from "../agent-runs.ts";
import { coldStart } from "../cold-start.ts";
import { measureEvents } from "../event-latency.ts";
import { measureFlips } from "../flip.ts";
import { measureFootprint } from "../footprint.ts";

type Program = keyof typeof PROGRAMS;

const start = (lab: Lab, program: Program): Running =>
  lab.processes.start("agent", lab.gateway.inside(daemonCommand(program, STANDALONE)), agentEnvironment(lab.heroku, lab.options));

const coldStarts = async (lab: Lab, program: Program, runs: number): Promise<number[]> => {
  const seconds: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    let agent: Running | undefined;
    const begin = (): Running => {
      agent = start(lab, program);
      return agent;
    };
    seconds.push(await coldStart(lab, begin));
    lab.progress(`a cold start of the ${program}: ${seconds.at(-1)?.toFixed(2)} s`);
    await agent?.stop();
    await lab.inGateway(["ipsec", "stop"]);
  }
  return seconds;
};

/** The agent alone: how soon it starts, what it needs, how soon it tells. */
export const steady: Scenario = {
  name: "steady",
  title: "Cold start, RSS, CPU and the way from an event to /healthz and /metrics",
  engines: ["libipsec"],
  timeoutSeconds: 600,
  run: async (lab) => {
    const { starts = 5, events = 100, footprintSeconds = 30 } = lab.options.parameters;
    const flips = await measureFlips(lab, 200);
    await lab.heroku.start();
    await prepareGateway(lab.gateway, lab.options);
    await lab.writeSettings(benchSettings({ interval: "200ms", misses: 3 }));
    const source = await coldStarts(lab, "source", starts);
    const bundle = await coldStarts(lab, "bundle", starts);
    lab.findings.numbers = { flip_ms: flips, cold_start_s: source, cold_start_bundle_s: bundle };
    for (const what of ["source", "bundle"] as const) {
      const agent = start(lab, what);
      await untilWhole(lab);
      // The source of details is asked anew, and what was compiled on the way is collected.
      await lab.sleep(5);
      lab.progress(`${footprintSeconds} s in steady state, ${what}`);
      const { rssMb, cpuPercent, withChildren } = await measureFootprint(agent.pid, () => lab.sleep(footprintSeconds));
      lab.findings.numbers = {
        ...lab.findings.numbers,
        [`rss_${what}_mb`]: [rssMb],
        [`cpu_${what}_percent`]: [cpuPercent],
        [`rss_${what}_with_children_mb`]: [withChildren.rssMb],
        [`cpu_${what}_with_children_percent`]: [withChildren.cpuPercent],
      };
      if (what === "source") await agent.stop();
    }
    lab.findings.numbers = { ...lab.findings.numbers, event_to_health_ms: await measureEvents(lab, events) };
  },
};
