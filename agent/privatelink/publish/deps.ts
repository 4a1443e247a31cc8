import type { WaitDeps } from "../../lib/flow.ts";
import type { PublishApi } from "./api.ts";
import type { StackApi } from "./stack.ts";

/** What `publish-rds` works with. */
export interface PublishDeps extends WaitDeps {
  readonly api: PublishApi;
  readonly stack: StackApi;
  readonly pollMs: number;
  /** The template's text. */
  readonly template: string;
  /** A name that no change set had before. */
  readonly changeSetName: string;
  /** --yes: the change set is shown and carried out. */
  readonly yes: boolean;
  /** --fix-security-groups: missing rules are added. */
  readonly fixRules: boolean;
  /** Asks at the terminal; undefined where nobody can be asked. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}
