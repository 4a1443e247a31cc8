import type { Target } from "../../../../agent/privatelink/publish/function/core.ts";
import type { FollowDeps } from "../../../../agent/privatelink/publish/function/follow.ts";

/** A database that moves and a target group that notices, in a time of their own. */
export class World {
  now = 0;
  /** What the name leads to, from a moment on; an Error is what the resolver says. */
  names: [fromMs: number, answer: readonly string[] | Error][] = [[0, ["10.0.1.10"]]];
  /** Which addresses serve, from a moment on. */
  serving: [fromMs: number, addresses: readonly string[]][] = [[0, ["10.0.1.10"]]];
  /** Refuses a call, by its name and its addresses. */
  refuse: (call: string, addresses: readonly string[]) => Error | undefined = () => undefined;
  /** Health checks that a new target needs. */
  settleMs = 20_000;
  /** What happened, in order: "5000 register 10.0.2.20". */
  readonly acts: string[] = [];
  readonly lines: Record<string, unknown>[] = [];
  /** Moments at which no member of the group served although the database did. */
  readonly outages: number[] = [];
  readonly #members = new Map<string, number>();
  readonly #draining = new Set<string>();

  constructor(members: readonly string[] = ["10.0.1.10"]) {
    for (const address of members) this.#members.set(address, -60_000);
  }

  get members(): string[] {
    return [...this.#members.keys()];
  }

  get events(): string[] {
    return this.lines.map(({ event }) => String(event));
  }

  drain(address: string): void {
    this.#members.delete(address);
    this.#draining.add(address);
  }

  #at<T>(plan: readonly [number, T][]): T {
    const [, value] = plan.findLast(([from]) => from <= this.now) ?? plan[0] ?? [];
    if (value === undefined) throw new Error("The world has no beginning");
    return value;
  }

  #state(address: string, since: number): string {
    if (this.now - since < this.settleMs) return "initial";
    return this.#at(this.serving).includes(address) ? "healthy" : "unhealthy";
  }

  #call(call: string, addresses: readonly string[]): void {
    const refusal = this.refuse(call, addresses);
    this.acts.push(`${this.now} ${call} ${addresses.join(" ")}${refusal ? ` ${refusal.name}` : ""}`);
    if (refusal) throw refusal;
  }

  #look(): void {
    const serving = this.#at(this.serving);
    if (serving.length > 0 && !serving.some((address) => this.#members.has(address))) this.outages.push(this.now);
  }

  deps(): FollowDeps {
    return {
      port: 5432,
      names: async () => {
        const answer = this.#at(this.names);
        if (answer instanceof Error) throw answer;
        return answer;
      },
      group: {
        targets: async () => {
          const refusal = this.refuse("targets", []);
          if (refusal) throw refusal;
          const members = [...this.#members].map(
            ([address, since]): Target => ({ address, port: 5432, state: this.#state(address, since) }),
          );
          return [...members, ...[...this.#draining].map((address): Target => ({ address, port: 5432, state: "draining" }))];
        },
        register: async (addresses) => {
          this.#call("register", addresses);
          for (const address of addresses) {
            this.#draining.delete(address);
            this.#members.set(address, this.now);
          }
        },
        deregister: async (targets) => {
          this.#call(
            "deregister",
            targets.map(({ address }) => address),
          );
          for (const { address } of targets) this.drain(address);
          this.#look();
        },
      },
      reach: async (address) => this.#at(this.serving).includes(address),
      log: (level, event, fields) => void this.lines.push({ level, event, ...fields }),
      now: () => this.now,
      sleep: async (ms) => {
        this.now += ms;
      },
    };
  }
}
