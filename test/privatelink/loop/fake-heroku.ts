import { SpacegateError } from "../../../agent/lib/errors.ts";
import { Secret } from "../../../agent/lib/secret.ts";
import type { HerokuLink } from "../../../agent/model/privatelink.ts";
import type { HerokuLinks } from "../../../agent/privatelink/heroku/heroku-links.ts";
import { herokuLink } from "../../aws/sample.ts";
import type { ManualClock } from "../../lib/support.ts";

const MINUTE = 60_000;

/** As a URL has it. */
export const PASSWORD = "p4ss%2Fword-of-the-data-service";

/** Heroku's side: it shows a new link after a while only, and takes some minutes to make it. */
export class FakeHeroku implements HerokuLinks {
  readonly #clock: ManualClock;
  #made: { readonly at: number; readonly accounts: string[] } | undefined;
  readonly asked: string[] = [];

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async describe(): Promise<HerokuLink | undefined> {
    if (!this.#made || this.#clock.ms - this.#made.at < MINUTE / 2) return undefined;
    const isReady = this.#clock.ms - this.#made.at > 5 * MINUTE;
    const allowedAccounts = this.#made.accounts.map((accountId) => ({
      accountId,
      arn: `arn:aws:iam::${accountId}:root`,
      status: "Active",
    }));
    return isReady ? herokuLink({ allowedAccounts }) : herokuLink({ status: "Provisioning", serviceName: "", allowedAccounts });
  }

  async create(_target: unknown, accounts: readonly string[]): Promise<HerokuLink> {
    if (this.#made) throw new SpacegateError("HEROKU_REFUSED", "There is one already", { fix: "wait", details: { status: 409 } });
    this.asked.push(`create ${accounts.join(" ")}`);
    this.#made = { at: this.#clock.ms, accounts: [...accounts] };
    return herokuLink({ status: "Provisioning", serviceName: "" });
  }

  async addAccounts(_target: unknown, accounts: readonly string[]): Promise<void> {
    this.asked.push(`add ${accounts.join(" ")}`);
    this.#made?.accounts.push(...accounts);
  }

  async removeAccounts(): Promise<void> {
    throw new Error("nobody has told the agent to");
  }

  async destroy(): Promise<void> {
    throw new Error("nobody has told the agent to");
  }

  async connectionUrls(_app: string, endpointId: string) {
    return [{ name: "REDIS_ENDPOINT_X_URL", url: new Secret(`redis://h:${PASSWORD}@${endpointId}.vpce.example:6379`) }];
  }
}
