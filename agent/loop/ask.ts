import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Settings } from "../model/settings.ts";
import type { Status } from "../model/status.ts";

const ASK_MS = 3000;

/** The running agent's snapshot. Rejects with NOT_RUNNING. */
export const askStatus = async ({ address, port }: Settings["listen"]): Promise<Status> => {
  const host = address === "0.0.0.0" ? "127.0.0.1" : address;
  try {
    const answer = await fetch(`http://${host}:${port}/api/status`, { signal: AbortSignal.timeout(ASK_MS) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return (await answer.json()) as Status;
  } catch (thrown) {
    throw new SpacegateError("NOT_RUNNING", `The agent does not answer on http://${host}:${port}: ${messageOf(thrown)}`, {
      fix: "systemctl start spacegate, or `spacegate run` in another terminal; --config must name the same settings.",
      cause: thrown,
    });
  }
};
