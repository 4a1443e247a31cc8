import type { RawSettings } from "./agent.ts";
import { check } from "./check.ts";
import { type Health, untilWhole } from "./health.ts";
import type { Lab } from "./lab.ts";
import { untilPasses } from "./metrics.ts";
import type { Running } from "./processes.ts";

/** Passes follow each other quickly, so that a scenario need not wait for them. */
export const quick = (settings: RawSettings): RawSettings => ({ ...settings, reconcile_interval: "1s" });

/** The kernel's settings are the owner's: the agent puts none of them right. */
export const ownSysctls = (settings: RawSettings): RawSettings => ({ ...settings, sysctls: { manage: false } });

export interface Steady {
  readonly agent: Running;
  readonly health: Health;
}

/** Starts the stand-in and the agent, and waits until every wanted tunnel passes and a pass has found nothing to do. */
export const startSteady = async (lab: Lab, change = quick): Promise<Steady> => {
  check(lab.options.source !== "file", "this scenario changes what the API says: use --source platform-api or heroku-cli");
  lab.progress("starting the stand-in Platform API and the agent");
  await lab.heroku.start();
  const agent = await lab.startAgent(change);
  const health = await untilWhole(lab);
  lab.findings.tunnels = health.tunnels;
  await untilPasses(lab, 1);
  return { agent, health };
};

/** SIGHUP: the agent asks the source now instead of at its next time. */
export const askSourceNow = (agent: Running): void => agent.signal("SIGHUP");
