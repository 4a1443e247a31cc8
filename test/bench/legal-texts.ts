import { readdirSync, statSync } from "node:fs";
import type { Box } from "../lab/box.ts";
import { check } from "../lab/check.ts";

const RENDERED = ["/etc/ipsec.conf", "/etc/ipsec.secrets", "/etc/strongswan.d/spacegate.conf"] as const;

const stateOf = async (box: Box, path: string): Promise<string> => {
  const text = await box.read(path);
  return `${(statSync(box.path(path)).mode & 0o777).toString(8)} ${text}`;
};

/** What each rendered file may hold: one of the texts that an undisturbed agent wrote. */
export class LegalTexts {
  readonly #texts = new Map<string, Set<string>>(RENDERED.map((path) => [path, new Set()]));

  /** Takes the files as they are for right. */
  async learn(box: Box): Promise<void> {
    for (const path of RENDERED) this.#texts.get(path)?.add(await stateOf(box, path));
  }

  /** How many texts of ipsec.conf were learnt. */
  get variants(): number {
    return this.#texts.get("/etc/ipsec.conf")?.size ?? 0;
  }

  /** Throws when a file is none of the learnt texts, to the last byte and with its mode. */
  async check(box: Box, what: string): Promise<void> {
    for (const path of RENDERED) {
      const legal = this.#texts.get(path)?.has(await stateOf(box, path));
      check(legal === true, `${what}: ${path} is none of the texts that the agent writes`);
    }
  }
}

/** Files that a write left half done beside the rendered ones. */
export const leftovers = (box: Box): string[] =>
  ["/etc", "/etc/strongswan.d", "/etc/ipsec.d"].flatMap((directory) =>
    readdirSync(box.path(directory))
      .filter((name) => /^\..*(ipsec|spacegate)|\.(tmp|new)/.test(name))
      .map((name) => `${directory}/${name}`),
  );
