import { Resolver } from "node:dns/promises";

/** Where the database's name leads now. Rejects when nothing, or nobody, answers: an empty answer is none. */
export type Names = () => Promise<readonly string[]>;

/** Asks the VPC's own resolver each time anew: the system's way of resolving might remember. */
export const namesOf =
  (endpoint: string): Names =>
  async () => {
    const found = await new Resolver({ timeout: 2000, tries: 2 }).resolve4(endpoint);
    if (found.length === 0) throw new Error(`${endpoint} has no address`);
    return [...new Set(found)].sort();
  };
