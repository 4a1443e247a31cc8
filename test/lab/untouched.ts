import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { stepsOf } from "./agent-log.ts";
import type { Box } from "./box.ts";
import { check, checkEqual } from "./check.ts";
import type { Lab } from "./lab.ts";
import type { Running } from "./processes.ts";
import { saIds } from "./strongswan.ts";

/** What the agent writes, and all that strongSwan reads. */
const WRITTEN = ["/etc/ipsec.conf", "/etc/ipsec.secrets", "/etc/ipsec.d", "/etc/strongswan.conf", "/etc/strongswan.d"];
const OWN_STATE = ["/run/spacegate", "/var/lib/spacegate"];

/** A timeline grows and a socket is made anew because an agent is there, whatever it does to the host. */
const OWN_TRACES = ["/run/spacegate", "/run/spacegate/agent.sock", "/var/lib/spacegate", "/var/lib/spacegate/events.jsonl"];

// A file that is written anew with the same text has another inode or time.
const stamp = (path: string): string => {
  const { ino, mtimeNs, ctimeNs, mode, size } = lstatSync(path, { bigint: true });
  return `inode ${ino} mode ${mode.toString(8)} size ${size} written ${mtimeNs} changed ${ctimeNs}`;
};

/** One line for `path` and everything below, under the names that they have `inside`. */
export const stampsBelow = (path: string, inside: string): string[] => {
  const names = lstatSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: "utf8" }) : [];
  return ["", ...names].map((name) => `${join(inside, name)} ${stamp(join(path, name))}`);
};

/** One line for each of strongSwan's files and of the agent's own: any write changes one. */
export const fileStamps = (box: Box): string[] =>
  [
    ...WRITTEN,
    ...readdirSync(box.path("/etc")).flatMap((name) => (name.startsWith("ipsec.") ? [join("/etc", name)] : [])),
    ...OWN_STATE,
  ]
    .filter((path, place, all) => all.indexOf(path) === place)
    .flatMap((path) => stampsBelow(box.path(path), path))
    .filter((line) => !OWN_TRACES.some((path) => line.startsWith(`${path} inode`)))
    .sort();

const missing = (from: readonly string[], other: readonly string[]): string[] => from.filter((line) => !other.includes(line));

/** Throws unless both are the same files, showing only those that differ. */
export const checkSameFiles = (before: readonly string[], after: readonly string[], what: string): void => {
  const [gone, come] = [missing(before, after), missing(after, before)];
  check(
    gone.length === 0 && come.length === 0,
    `${what}: a file was written\n  was ${gone.join("\n      ")}\n  is  ${come.join("\n      ")}`,
  );
};

/** What must stay as it is while nothing should change. */
export class Untouched {
  readonly #lab: Lab;
  readonly #files: readonly string[];
  readonly #sas: readonly string[];

  private constructor(lab: Lab, files: readonly string[], sas: readonly string[]) {
    this.#lab = lab;
    this.#files = files;
    this.#sas = sas;
  }

  static async since(lab: Lab): Promise<Untouched> {
    return new Untouched(lab, fileStamps(lab.gateway), saIds(await lab.sas()));
  }

  /** Throws when an IKE_SA or CHILD_SA is another one. */
  async checkSas(what: string): Promise<void> {
    checkEqual(saIds(await this.#lab.sas()), this.#sas, `${what}: the SAs`);
  }

  /** Throws when an SA is another one or a file was written. */
  async check(what: string): Promise<void> {
    await this.checkSas(what);
    checkSameFiles(this.#files, fileStamps(this.#lab.gateway), what);
  }
}

/** Counts an agent's steps from now on. */
export const stepsFromNow = (agent: Running): (() => string[]) => {
  const before = stepsOf(agent).length;
  return () => stepsOf(agent).slice(before);
};
