import { readFile } from "node:fs/promises";
import * as z from "zod";
import { writeAtomically } from "../lib/atomic-file.ts";
import type { Ledger } from "../model/observed.ts";

const ledgerSchema = z.object({
  loaded: z.record(z.string(), z.string()),
  authenticated: z.record(z.string(), z.string()),
});

const EMPTY: Ledger = { loaded: {}, authenticated: {} };

/**
 * What the agent remembers of the charon that runs now, in a file under /run so that a killed agent's successor knows it
 * too. A missing or broken one only means that harmless steps are taken once more.
 */
export class LedgerStore {
  readonly #path: string;
  #ledger: Ledger = EMPTY;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<void> {
    try {
      this.#ledger = ledgerSchema.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch {
      this.#ledger = EMPTY;
    }
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  noteLoaded(loaded: Ledger["loaded"]): Promise<void> {
    return this.#put({ ...this.#ledger, loaded: { ...this.#ledger.loaded, ...loaded } });
  }

  noteAuthenticated(conn: string, fingerprint: string): Promise<void> {
    if (this.#ledger.authenticated[conn] === fingerprint) return this.#writing;
    return this.#put({ ...this.#ledger, authenticated: { ...this.#ledger.authenticated, [conn]: fingerprint } });
  }

  #put(ledger: Ledger): Promise<void> {
    this.#ledger = ledger;
    const write = () => writeAtomically({ path: this.#path, text: `${JSON.stringify(ledger)}\n`, mode: 0o600 });
    this.#writing = this.#writing.catch(() => undefined).then(write);
    return this.#writing;
  }
}
