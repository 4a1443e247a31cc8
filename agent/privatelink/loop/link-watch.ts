import { backoffDelay } from "../../lib/backoff.ts";
import { type ErrorCode, messageOf, SpacegateError } from "../../lib/errors.ts";
import type { Limit } from "../../lib/limit.ts";
import type { LinkProof, LinkStatus } from "../../model/privatelink.ts";
import type { LinkProblem } from "../../model/privatelink-plan.ts";
import { type LinkKnown, linkStatus } from "../health/link-health.ts";
import type { KeeperDeps, LinkEntry, LinkPass } from "./keeper-seams.ts";

export interface WatchDeps extends Omit<KeeperDeps, "onStatus"> {
  readonly onChange: () => void;
  /** Shared by all links: few questions at a time. */
  readonly limit: Limit;
}

/** After a change, and while Heroku or AWS is at work, more is to be done soon. */
const BUSY_MS = 15_000;
/** A proof that failed is repeated at once, so that one lost packet is told from an outage. */
const RETRY_MS = 5000;
const BACKOFF = { firstMs: 5000, maxMs: 10 * 60_000, jitter: 0.2 } as const;

/** Who does not answer takes nothing away: the next try may do. */
const PASSING_TROUBLES: readonly ErrorCode[] = ["AWS_UNAVAILABLE", "AWS_THROTTLED", "SOURCE_UNAVAILABLE", "SOURCE_RATE_LIMITED"];

const NO_PASS: LinkPass = {
  herokuStatus: "",
  serviceName: "",
  endpoint: undefined,
  problems: [],
  waitingFor: "",
  changes: [],
  target: undefined,
};

const asError = (thrown: unknown): SpacegateError =>
  thrown instanceof SpacegateError
    ? thrown
    : new SpacegateError("COMMAND_FAILED", `Looking after a PrivateLink failed unexpectedly: ${messageOf(thrown)}`, {
        fix: "This is a bug worth reporting, with the log around it.",
        cause: thrown,
      });

const problemOf = ({ code, message, fix }: SpacegateError): LinkProblem => ({
  code,
  text: message,
  fix,
  blocking: !PASSING_TROUBLES.includes(code),
});

/** Looks after one link until it is stopped. What goes wrong becomes a trouble of its status, and nothing else. */
export class LinkWatch {
  readonly entry: LinkEntry;
  readonly #deps: WatchDeps;
  readonly #stop = new AbortController();
  #pass = NO_PASS;
  #error: SpacegateError | undefined;
  #failures = 0;
  #nextPassAt = 0;
  #looked = false;
  #proof: LinkProof | null = null;
  #misses = 0;
  #hasCarried = false;
  #availableAt: number | null = null;
  #status: LinkStatus;
  #done: Promise<void> | undefined;

  constructor(entry: LinkEntry, deps: WatchDeps) {
    this.entry = entry;
    this.#deps = deps;
    this.#status = linkStatus(this.#known(), undefined);
  }

  get status(): LinkStatus {
    return this.#status;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Resolves when nothing is under way any more. Nothing at Heroku or AWS is undone. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock, limit, log } = this.#deps;
    while (!signal.aborted) {
      await limit(() => this.#round()).catch((thrown: unknown) => {
        if (!signal.aborted) log.error({ link: this.entry.wanted.name, error: messageOf(thrown) }, "a look at a link failed");
      });
      if (signal.aborted) return;
      this.#publish();
      await clock.sleep(this.#delay(), signal).catch(() => undefined);
    }
  }

  async #round(): Promise<void> {
    const { clock } = this.#deps;
    this.#stop.signal.throwIfAborted();
    if (clock.monotonic() >= this.#nextPassAt) await this.#lookAtBothSides();
    this.#publish();
    await this.#prove();
  }

  async #lookAtBothSides(): Promise<void> {
    const { works, clock, log } = this.#deps;
    const { wanted, checkMs } = this.entry;
    try {
      this.#pass = await works.pass(wanted, this.#stop.signal);
      this.#error = undefined;
      this.#failures = 0;
      for (const change of this.#pass.changes) log.info({ link: wanted.name }, change);
      this.#nextPassAt = clock.monotonic() + (this.#isBusy() ? Math.min(BUSY_MS, checkMs) : checkMs);
    } catch (thrown) {
      this.#stop.signal.throwIfAborted();
      this.#fail(asError(thrown));
    }
    this.#looked = true;
    const isAvailable = this.#pass.endpoint?.state.toLowerCase() === "available";
    this.#availableAt = isAvailable ? (this.#availableAt ?? clock.now()) : null;
  }

  #fail(error: SpacegateError): void {
    const { clock, log, random } = this.#deps;
    if (error.message !== this.#error?.message)
      log.warn({ link: this.entry.wanted.name, code: error.code, fix: error.fix }, error.message);
    this.#error = error;
    this.#failures += 1;
    this.#nextPassAt = clock.monotonic() + backoffDelay(this.#failures, { ...BACKOFF, random });
  }

  #isBusy(): boolean {
    return this.#pass.waitingFor !== "" || this.#pass.changes.length > 0;
  }

  async #prove(): Promise<void> {
    const { works } = this.#deps;
    const { target } = this.#pass;
    if (!target) {
      this.#proof = null;
      return;
    }
    const proof = await works.prove(target, this.#stop.signal);
    this.#proof = proof;
    this.#misses = proof.trouble ? this.#misses + 1 : 0;
    this.#hasCarried ||= proof.trouble === null;
    if (proof.trouble || proof.said.includes("refuses the password")) works.forget(this.entry.wanted);
  }

  /** Until the next round: a pass that is due, or a proof that is due. */
  #delay(): number {
    const { clock } = this.#deps;
    const { checkMs } = this.entry;
    const untilPass = Math.max(0, this.#nextPassAt - clock.monotonic());
    const untilProof = this.#misses === 1 ? Math.min(RETRY_MS, checkMs) : checkMs;
    return this.#proof ? Math.min(untilPass, untilProof) : untilPass;
  }

  #known(): LinkKnown {
    const { endpoint, herokuStatus, serviceName, problems, waitingFor } = this.#pass;
    const error = this.#error;
    return {
      wanted: this.entry.wanted,
      looked: this.#looked,
      herokuStatus,
      serviceName,
      endpoint,
      problems: [...(error ? [problemOf(error)] : []), ...problems],
      waitingFor,
      proof: this.#proof,
      misses: this.#misses,
      hasCarried: this.#hasCarried,
      availableAt: this.#availableAt,
      now: this.#deps.clock.now(),
    };
  }

  #publish(): void {
    this.#status = linkStatus(this.#known(), this.#status);
    this.#deps.onChange();
  }
}
