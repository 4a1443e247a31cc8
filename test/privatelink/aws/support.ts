import { beforeAll, onTestFinished, vi } from "vitest";
import { openAws } from "../../aws/sample.ts";
import { ManualClock } from "../../lib/support.ts";

// Every step is an answer over HTTP, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** AWS's client takes seconds to load on a busy machine: no test pays for that. */
beforeAll(async () => void (await import("../../../agent/privatelink/aws/ec2-sdk.ts")), 60_000);

/** The stand-in, held to the printed policy, and the agent's client for it, until the test ends. */
export const standInAws = async () => {
  const clock = new ManualClock();
  const open = await openAws(clock);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await open.server.stop();
  });
  return { ...open, clock, signal: new AbortController().signal };
};
