import { SpacegateError } from "../../lib/errors.ts";
import { type Look, type Story, waitFor } from "../../lib/flow.ts";
import type { PublishDeps } from "./deps.ts";

const isTooLate = (thrown: unknown): thrown is SpacegateError =>
  thrown instanceof SpacegateError && thrown.code === "PUBLISH_TIMEOUT";

/** Looks until a look is done. Rejects with PUBLISH_TIMEOUT, with what was seen last. */
export const awaitAws = async <T>(what: string, look: () => Promise<Look<T>>, deps: PublishDeps): Promise<T> => {
  try {
    return await waitFor({ what, pollMs: deps.pollMs, tooLate: "PUBLISH_TIMEOUT" }, look, deps);
  } catch (thrown) {
    if (!isTooLate(thrown)) throw thrown;
    const fix = "Wait longer with --timeout; https://health.aws.amazon.com tells of incidents.";
    throw new SpacegateError(thrown.code, thrown.message, { fix, cause: thrown });
  }
};

/** Tells of an error in the middle that the stack goes on without this command; one that ended the stack speaks for itself. */
export const whileItGoesOn = async <T>({ state, next }: Story, flow: () => Promise<T>): Promise<T> => {
  try {
    return await flow();
  } catch (thrown) {
    if (!(thrown instanceof SpacegateError) || thrown.code === "PUBLISH_FAILED") throw thrown;
    const { code, message, fix, details } = thrown;
    throw new SpacegateError(code, `${message}\n${state}`, { fix: `${fix}\n${next}`, cause: thrown, details });
  }
};
