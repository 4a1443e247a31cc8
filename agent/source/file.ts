import { open } from "node:fs/promises";
import { errnoOf, SpacegateError } from "../lib/errors.ts";
import { MAX_ANSWER_BYTES, parseJson } from "../lib/json.ts";
import type { ConnectionRef } from "../model/connection.ts";
import type { Source, SourceAnswer } from "../model/source.ts";
import { parseConnection } from "./parse.ts";
import { pickConnection } from "./pick.ts";
import { assertRef } from "./ref.ts";

const SAVE = "Save it with `heroku spaces:vpn:info NAME --space SPACE --json`";

const unreadable = (path: string, thrown: unknown): SpacegateError => {
  const errno = errnoOf(thrown) ?? "unknown error";
  const absent = errno === "ENOENT" || errno === "ENOTDIR";
  return new SpacegateError("SOURCE_UNAVAILABLE", absent ? `${path} does not exist` : `${path} cannot be read (${errno})`, {
    fix: absent ? `${SAVE} > ${path}, or correct heroku.file.` : `Let the agent's user read ${path}.`,
  });
};

const unusable = (path: string, problem: string): SpacegateError =>
  new SpacegateError("SOURCE_MALFORMED", `${path} ${problem}`, { fix: `${SAVE} > ${path}.` });

const readText = async (path: string): Promise<string> => {
  try {
    await using handle = await open(path, "r");
    const stats = await handle.stat();
    if (!stats.isFile()) throw unusable(path, "is not a regular file");
    if (stats.size > MAX_ANSWER_BYTES) throw unusable(path, "is larger than 1 MiB");
    return await handle.readFile("utf8");
  } catch (thrown) {
    throw thrown instanceof SpacegateError ? thrown : unreadable(path, thrown);
  }
};

/** Reads the JSON that was saved from Heroku's client: one connection, or several in an array. */
export class FileSource implements Source {
  readonly kind = "file";
  readonly #path: string;
  #parsed: { readonly text: string; readonly value: unknown } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async fetch(ref: ConnectionRef, signal: AbortSignal): Promise<SourceAnswer> {
    assertRef(ref);
    const text = await readText(this.#path);
    signal.throwIfAborted();
    return parseConnection(ref, pickConnection(ref, this.#parse(text), this.#path));
  }

  /** A thousand connections ask for the same text in a row. */
  #parse(text: string): unknown {
    if (this.#parsed?.text !== text) this.#parsed = { text, value: parseJson(text, this.#path, `${SAVE} > ${this.#path}.`) };
    return this.#parsed.value;
  }
}
