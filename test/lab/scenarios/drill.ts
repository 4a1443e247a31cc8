import { agentCommand } from "../agent.ts";
import { check, checkEqual } from "../check.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const drill = (lab: Lab, ...more: string[]) =>
  lab.processes.run(lab.gateway.inside(agentCommand("drill", ...more)), { mayFail: true });

const metricOf = async (lab: Lab, name: string): Promise<number> =>
  Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, "m").exec((await lab.http("/metrics"))?.body ?? "")?.[1]);

export const drillScenario: Scenario = {
  name: "drill",
  title: "A drill takes the carrier down, measures the outage, and is refused where it would cut the connection",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab);
    lab.progress("spacegate drill");
    const { code, stdout, stderr } = await drill(lab, "--json");
    checkEqual(code, 0, `exit code of the drill (${stderr.trim()})`);
    const result = JSON.parse(stdout) as { outageS: number; restoredS: number; tunnel: number };
    check(result.outageS < 2, `the outage should be short, it was ${result.outageS} s`);
    await untilWhole(lab);
    lab.findings.notes.push(
      `outage in the drill: ${result.outageS.toFixed(2)} s, restored after ${result.restoredS.toFixed(1)} s`,
    );
    await lab.sleep(2);
    checkEqual(await metricOf(lab, "spacegate_drill_outage_seconds"), result.outageS, "the exported outage");
    const unknown = await drill(lab, "--connection", "acme-space/nowhere");
    checkEqual(unknown.code, 1, "exit code for an unknown connection");
    if (lab.routing === "policy") return;
    lab.progress("a drill while the other tunnel is dead");
    const spare = result.tunnel === 1 ? 1 : 2;
    await lab.cut(spare);
    await lab.sleep(3);
    const refused = await drill(lab);
    checkEqual(refused.code, 1, "exit code of a drill without a passing second tunnel");
    check(/is not passing/.test(refused.stderr), `it should say why, it said: ${refused.stderr}`);
  },
};
