import { readFile } from "node:fs/promises";
import { writeAtomically } from "../lib/atomic-file.ts";
import { type Drill, drillsSchema } from "../model/drill.ts";

export const DRILLS_PATH = "/var/lib/spacegate/drills.json";

/** The newest drill of each connection; a missing or broken file holds none. */
export const readDrills = async (path: string): Promise<readonly Drill[]> => {
  try {
    return drillsSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return [];
  }
};

/** Keeps a drill in place of the connection's older one. Throws the system's error. */
export const keepDrill = async (path: string, drill: Drill): Promise<void> => {
  const others = (await readDrills(path)).filter((one) => one.space !== drill.space || one.connection !== drill.connection);
  await writeAtomically({ path, text: `${JSON.stringify([...others, drill])}\n`, mode: 0o600, directoryMode: 0o700 });
};
