import { systemClock } from "../../../agent/lib/clock.ts";
import { parseAgentLog, stepsOf } from "../agent-log.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import { readHealth, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { untilPasses } from "../metrics.ts";
import { checkNoLoss } from "../ping.ts";
import { childrenOf, isRunning } from "../process-tree.ts";
import { startSteady } from "../steady.ts";
import { Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

/** The probers and the long-lived `ip` must not outlive an agent that could not end them. */
const untilGone = (children: readonly number[]): Promise<void> =>
  waitUntil("the killed agent's children to end", 5, () => {
    const left = children.filter(isRunning);
    return left.length === 0 ? { done: true, value: undefined } : { done: false, seen: `processes ${left.join(", ")}` };
  });

const killAndStart = async (lab: Lab, kill: () => Promise<void>): Promise<number> => {
  await kill();
  check((await readHealth(lab)) === undefined, "nothing should answer once the agent is dead");
  await lab.sleep(2);
  const startedAt = systemClock.monotonic();
  lab.restartAgent();
  await untilWhole(lab);
  return (systemClock.monotonic() - startedAt) / 1000;
};

export const agentKilled: Scenario = {
  name: "agent-killed",
  title: "kill -9 of the agent loses no ping, and the restarted one touches nothing",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    const { agent, health } = await startSteady(lab);
    const untouched = await Untouched.since(lab);
    const watch = lab.watchPings();
    await lab.sleep(0.5);
    const children = childrenOf(agent.pid);
    check(children.length > 0, "the agent should have children, such as its probers");
    lab.progress("kill -9 of the agent, two seconds without, and a new one");
    const seconds = await killAndStart(lab, () => agent.kill());
    await untilGone(children);
    await untilPasses(lab, 2);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while the agent was dead and started again");
    checkEqual(stepsOf(lab.agent), [], "the restarted agent's steps");
    check(parseAgentLog(lab.agent.output()).length > 0, "the restarted agent should have logged something");
    await untouched.check("after the restart");
    checkEqual((await readHealth(lab))?.carrier, health.carrier, "the carrier");
    lab.findings.notes.push(`the restarted agent's start to /healthz vouching for the tunnels: ${seconds.toFixed(2)} s`);
  },
};
