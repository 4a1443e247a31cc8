import { readFile } from "node:fs/promises";
import * as z from "zod";
import { writeAtomically } from "../lib/atomic-file.ts";
import type { Nft } from "../lib/nft.ts";
import { FIREWALL_TABLE, type FirewallCounts, type FirewallMemory } from "../model/firewall.ts";
import type { Step } from "../model/step.ts";

const memorySchema = z.object({
  text: z.string(),
  listing: z.string(),
  peers: z.array(z.string()),
  open: z.boolean(),
  encapsulated: z.array(z.string()),
});

/**
 * What was loaded into the kernel, in a file under /run so that a killed agent's successor knows it too. A missing or broken one
 * only means that the table is loaded once more.
 */
export class FirewallStore {
  readonly #path: string;
  #memory: FirewallMemory | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<void> {
    try {
      this.#memory = memorySchema.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch {
      this.#memory = undefined;
    }
  }

  get memory(): FirewallMemory | undefined {
    return this.#memory;
  }

  async note(memory: FirewallMemory | undefined): Promise<void> {
    this.#memory = memory;
    await writeAtomically({ path: this.#path, text: `${JSON.stringify(memory ?? null)}\n`, mode: 0o600 });
  }
}

const DECLARED = /^(\s*counter (\w+)) \{ \}$/gm;

/** The counters begin with what they had counted before. */
const seeded = (text: string, counts: FirewallCounts): string =>
  text.replaceAll(DECLARED, (whole, head: string, name: string) => {
    const count = counts[name as keyof FirewallCounts];
    return count ? `${head} { packets ${count.packets} bytes ${count.bytes} }` : whole;
  });

// The first line makes the second one possible on a host without the table. All is one transaction: no packet meets half of it.
const REPLACE = `add table ${FIREWALL_TABLE}\ndelete table ${FIREWALL_TABLE}\n`;

type Apply = Extract<Step, { kind: "apply-firewall" }>;

export interface FirewallDeps {
  readonly nft: Nft;
  readonly store: FirewallStore;
  /** The table right after, without counts; undefined when somebody has taken it away already. */
  readonly listing: () => Promise<string | undefined>;
}

export const applyFirewall = async ({ nft, store, listing }: FirewallDeps, { text, desired, counts }: Apply): Promise<void> => {
  await nft.load(REPLACE + seeded(text, counts));
  const { peers, open, encapsulated } = desired;
  const shown = await listing();
  await store.note(shown === undefined ? undefined : { text, listing: shown, peers, open, encapsulated });
};

export const removeFirewall = async ({ nft, store }: FirewallDeps): Promise<void> => {
  await nft.load(REPLACE);
  await store.note(undefined);
};
