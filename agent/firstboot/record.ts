import { readFile } from "node:fs/promises";
import * as z from "zod";
import { writeAtomically } from "../lib/atomic-file.ts";

export const RECORD_PATH = "/var/lib/spacegate/first-boot.json";

const schema = z.strictObject({
  /** The instance that it is about: an image made of a gateway carries its record along. */
  machine: z.string(),
  /** Its interfaces were seen with the source/destination check off. */
  forwards: z.literal(true),
});

/** Whether this machine was seen to forward before; a missing, broken or another machine's record says nothing, nor has "" one. */
export const isRecorded = async (path: string, machine: string): Promise<boolean> => {
  if (machine === "") return false;
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8"))).machine === machine;
  } catch {
    return false;
  }
};

/** Throws the system's error. */
export const record = (path: string, machine: string): Promise<void> =>
  writeAtomically({ path, text: `${JSON.stringify({ machine, forwards: true })}\n`, mode: 0o600, directoryMode: 0o700 });
