import type { Clock } from "../../lib/clock.ts";
import type { Endpoint } from "../../model/privatelink.ts";
import type { LinkGroup, LinkMade, LinkObserved } from "../../model/privatelink-plan.ts";

/** What AWS does not show after this is not there. */
const FORGET_AFTER_MS = 5 * 60_000;

interface Kept<T> {
  readonly value: T;
  /** Monotonic milliseconds. */
  readonly since: number;
}

/**
 * What was made, until AWS shows it: its answers lag behind its own changes, and what they do not show yet must not be made twice.
 * A process that is killed loses this; then the endpoint's token and the group's name protect.
 */
export class LinkMemory {
  readonly #clock: Pick<Clock, "monotonic">;
  #endpoint: Kept<Endpoint> | undefined;
  #group: Kept<LinkGroup> | undefined;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  remember({ endpoint, group }: LinkMade): void {
    const since = this.#clock.monotonic();
    if (endpoint) this.#endpoint = { value: endpoint, since };
    if (group) this.#group = { value: group, since };
  }

  /** `observed` with what it does not show yet. */
  complete(observed: LinkObserved): LinkObserved {
    const endpoint = this.#endpoint && this.#fresh(this.#endpoint);
    const isShown = observed.endpoints.some(({ id }) => id === endpoint?.id);
    if (isShown || !endpoint) this.#endpoint = undefined;
    const group = this.#group && this.#fresh(this.#group);
    if (observed.group || !group) this.#group = undefined;
    return {
      ...observed,
      endpoints: endpoint && !isShown ? [...observed.endpoints, endpoint] : observed.endpoints,
      group: observed.group ?? group,
    };
  }

  #fresh<T>({ value, since }: Kept<T>): T | undefined {
    return this.#clock.monotonic() - since < FORGET_AFTER_MS ? value : undefined;
  }
}
