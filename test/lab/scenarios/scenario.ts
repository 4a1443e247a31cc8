import type { EngineName } from "../engines/engine.ts";
import type { Lab } from "../lab.ts";

/** One thing that the lab proves. To add one: a file like the others here, and its line in index.ts. */
export interface Scenario {
  /** As --scenario takes it. */
  readonly name: string;
  /** What holds when it passes, as a sentence. */
  readonly title: string;
  readonly engines: readonly EngineName[];
  /** Takes more than a minute: `--scenario most`, and so `npm test`, leaves it out. */
  readonly slow?: boolean;
  /** 120 unless given. */
  readonly timeoutSeconds?: number;
  /** Finds both VPN gateways running and the gateway without strongSwan. Throws when something does not hold. */
  run(lab: Lab): Promise<void>;
}
