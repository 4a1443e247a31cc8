import { open } from "node:fs/promises";
import * as z from "zod";
import { writeAtomically } from "../lib/atomic-file.ts";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { type Connection, connectionKey } from "../model/connection.ts";
import { parseConnection, toWire } from "./parse.ts";

export const LAST_GOOD_PATH = "/var/lib/spacegate/last-good.json";

export interface KeptConnection {
  readonly connection: Connection;
  /** Wall clock, milliseconds since the epoch. */
  readonly confirmedAt: number;
}

/** The last good answers, kept over restarts. */
export interface LastGood {
  /** By connectionKey. Never throws: a copy that cannot be used counts as none. */
  load(): Promise<ReadonlyMap<string, KeptConnection>>;
  /** Replaces the whole copy. Throws HOST_WRITE_FAILED. */
  save(kept: readonly KeptConnection[]): Promise<void>;
}

const copySchema = z.object({ version: z.literal(1), connections: z.array(z.unknown()) });
const entrySchema = z.object({ space: z.string(), name: z.string(), confirmed_at: z.number(), details: z.unknown() });

const readEntry = (value: unknown): KeptConnection => {
  const entry = entrySchema.parse(value);
  const answer = parseConnection({ space: entry.space, name: entry.name }, entry.details);
  if (answer.kind === "ready") return { connection: answer.connection, confirmedAt: entry.confirmed_at };
  throw new Error(answer.reason);
};

const toEntry = ({ connection, confirmedAt }: KeptConnection): z.input<typeof entrySchema> => ({
  space: connection.space,
  name: connection.name,
  confirmed_at: confirmedAt,
  details: toWire(connection),
});

/** A file, root's, mode 0600, that holds PSKs in clear: besides ipsec.secrets the only one. */
export class LastGoodCopy implements LastGood {
  readonly #path: string;
  readonly #log: Log;
  readonly #mayWrite: boolean;

  /** `mayWrite` false leaves the file as it is. */
  constructor(path: string, log: Log, mayWrite = true) {
    this.#path = path;
    this.#log = log;
    this.#mayWrite = mayWrite;
  }

  async load(): Promise<ReadonlyMap<string, KeptConnection>> {
    const text = await this.#read();
    if (text === undefined) return new Map();
    return new Map(this.#entries(text).map((kept) => [connectionKey(kept.connection), kept]));
  }

  async save(kept: readonly KeptConnection[]): Promise<void> {
    if (!this.#mayWrite) return;
    const text = `${JSON.stringify({ version: 1, connections: kept.map(toEntry) }, undefined, 2)}\n`;
    try {
      await writeAtomically({ path: this.#path, text, mode: 0o600, directoryMode: 0o700 });
    } catch (thrown) {
      throw new SpacegateError("HOST_WRITE_FAILED", `${this.#path} cannot be written (${errnoOf(thrown) ?? messageOf(thrown)})`, {
        fix: "Make room and let the agent's user write there; until then a restart while Heroku is away has no details to go by.",
      });
    }
  }

  async #read(): Promise<string | undefined> {
    try {
      await using handle = await open(this.#path, "r");
      const { mode } = await handle.stat();
      if ((mode & 0o077) !== 0 && this.#mayWrite) {
        this.#log.warn({ path: this.#path }, "the last good copy was open to others; its mode is 0600 again");
        await handle.chmod(0o600);
      }
      return await handle.readFile("utf8");
    } catch (thrown) {
      if (errnoOf(thrown) !== "ENOENT") this.#ignored(`cannot be read (${errnoOf(thrown) ?? "unknown error"})`);
      return undefined;
    }
  }

  #entries(text: string): KeptConnection[] {
    let entries: unknown[];
    try {
      entries = copySchema.parse(JSON.parse(text)).connections;
    } catch {
      this.#ignored("is damaged");
      return [];
    }
    return entries.flatMap((entry, place) => this.#entry(entry, place));
  }

  #entry(value: unknown, place: number): KeptConnection[] {
    try {
      return [readEntry(value)];
    } catch {
      this.#ignored(`is damaged at entry [${place}]`);
      return [];
    }
  }

  /** Without the cause: a JSON parser's words quote the text, and PSKs stand in it. */
  #ignored(problem: string): void {
    this.#log.warn({ path: this.#path }, `the last good copy ${problem}; it is not used`);
  }
}
