import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Entry } from "./clean.ts";

/** One file of a bundle, and how its text is had; what it rejects with is written into the file in its place. */
export interface Part {
  /** "network/routes.json" */
  readonly name: string;
  readonly collect: () => Promise<string>;
}

/** What became of one part. */
export interface Collected extends Entry {
  readonly failed: boolean;
}

const collectOne = async ({ name, collect }: Part): Promise<Collected> => {
  try {
    return { name, text: await collect(), failed: false };
  } catch (thrown) {
    const fix = thrown instanceof SpacegateError ? `\n${thrown.fix}\n(${thrown.code})` : "";
    return { name, text: `This could not be collected: ${messageOf(thrown)}${fix}\n`, failed: true };
  }
};

/** All parts, each whether or not the others succeed. */
export const collectAll = (parts: readonly Part[]): Promise<Collected[]> => Promise.all(parts.map(collectOne));
