import { systemClock } from "../../../agent/lib/clock.ts";
import { stepsOf } from "../agent-log.ts";
import { check, checkEqual } from "../check.ts";
import { readHealth, untilNoWarning, untilWarning, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { untilPasses } from "../metrics.ts";
import { checkNoLoss } from "../ping.ts";
import type { Fault } from "../stand-in/state.ts";
import { askSourceNow, quick, startSteady } from "../steady.ts";
import { stepsFromNow, Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

/** What the API does, and a word of the warning that tells it from the others. */
const FAULTS: readonly { readonly fault: Fault; readonly says: RegExp }[] = [
  { fault: { kind: "status", status: 500 }, says: /500/ },
  { fault: { kind: "html" }, says: /HTML|text\/html/i },
  { fault: { kind: "hang" }, says: /answer|within|time/i },
];

const fail = async (lab: Lab, { fault, says }: (typeof FAULTS)[number]): Promise<void> => {
  lab.progress(`the API fails: ${fault.kind}`);
  lab.heroku.update((state) => ({ ...state, fault: null }));
  askSourceNow(lab.agent);
  await untilNoWarning(lab, "source-failed");
  lab.heroku.update((state) => ({ ...state, fault }));
  askSourceNow(lab.agent);
  const text = await untilWarning(lab, "source-failed");
  check(says.test(text), `the warning should say what the API did (${says.source}), found: ${text}`);
  lab.findings.notes.push(`${fault.kind}: ${text}`);
};

const goAway = async (lab: Lab): Promise<void> => {
  lab.progress("the API is gone");
  await lab.heroku.stop();
  askSourceNow(lab.agent);
  await untilWarning(lab, "source-failed", "nothing listens");
  checkEqual((await readHealth(lab))?.code, 200, "/healthz without the API");
};

interface SourceView {
  readonly connections: readonly { readonly source: { readonly origin: string } }[];
}

const origin = async (lab: Lab): Promise<string | undefined> =>
  (JSON.parse((await lab.http("/api/status"))?.body ?? "{}") as Partial<SourceView>).connections?.[0]?.source.origin;

/** An orderly stop, unlike `agent-killed`. */
const restartWithout = async (lab: Lab): Promise<void> => {
  lab.progress("restarting the agent while the API is gone");
  const stoppedAt = systemClock.monotonic();
  await lab.agent.stop("SIGTERM");
  const seconds = (systemClock.monotonic() - stoppedAt) / 1000;
  checkEqual(lab.agent.exitCode(), 0, "the agent's exit code after SIGTERM");
  check(seconds < 1, `SIGTERM should end the agent in under a second, it took ${seconds.toFixed(2)} s`);
  lab.restartAgent();
  await untilWhole(lab);
  await untilPasses(lab, 2);
  await untilWarning(lab, "source-failed");
  checkEqual(await origin(lab), "last-good-copy", "where the details come from");
  checkEqual(stepsOf(lab.agent), [], "the restarted agent's steps");
  lab.findings.notes.push(`SIGTERM to the agent's end: ${seconds.toFixed(2)} s`);
};

const comeBack = async (lab: Lab): Promise<void> => {
  lab.progress("the API is back");
  lab.heroku.update((state) => ({ ...state, fault: null }));
  await lab.heroku.start();
  askSourceNow(lab.agent);
  await untilNoWarning(lab, "source-failed");
  checkEqual(await origin(lab), "source", "where the details come from");
};

export const sourceOutage: Scenario = {
  name: "source-outage",
  title: "With the API failing, hanging and gone no ping is lost, also over a restart of the agent",
  engines: ["native", "libipsec"],
  run: async (lab) => {
    const settings = { source: lab.options.source, poll_interval: "5s", timeout: "1s" };
    const { agent } = await startSteady(lab, (sample) => ({ ...quick(sample), heroku: settings }));
    const untouched = await Untouched.since(lab);
    const steps = stepsFromNow(agent);
    const watch = lab.watchPings();
    for (const fault of FAULTS) await fail(lab, fault);
    await goAway(lab);
    checkEqual(steps(), [], "the agent's steps while the API failed");
    await restartWithout(lab);
    await comeBack(lab);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while the API failed");
    await untouched.checkSas("after the API was away");
  },
};
