import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "spacegate-lab-";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Removes what labs left that were killed outright; everything else of theirs ended with them. */
const removeLeftovers = (): void => {
  for (const name of readdirSync(tmpdir()).filter((candidate) => candidate.startsWith(PREFIX))) {
    if (!isAlive(Number(name.slice(PREFIX.length).split("-")[0]))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
};

/** The directory that this run shares with its cells; the caller removes it. */
export const createExchange = (): string => {
  removeLeftovers();
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
};
