import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import type { Settings } from "../model/settings.ts";
import { parseSettings } from "./parse.ts";
import { settingsError } from "./problem.ts";

export const DEFAULT_SETTINGS_PATH = "/etc/spacegate/config.yaml";

const MAX_BYTES = 1024 * 1024;

const MISSING_FIX =
  "`spacegate setup` writes it, and the README has one to start from; or name another with --config or SPACEGATE_CONFIG.";
const READABLE_FIX = "Name a file that the agent may read with --config or SPACEGATE_CONFIG, or correct its owner and mode.";

const refuse = (file: string, message: string, fix?: string, cause?: unknown) =>
  settingsError([{ file, line: 0, column: 0, path: "", message }], fix, cause);

const readFailure = (file: string, thrown: unknown) => {
  const code = errnoOf(thrown);
  if (code === "ENOENT" || code === "ENOTDIR") return refuse(file, "does not exist", MISSING_FIX, thrown);
  if (code === "EACCES" || code === "EPERM") return refuse(file, "must not be read by this user", READABLE_FIX, thrown);
  return refuse(file, `cannot be read: ${messageOf(thrown)}`, READABLE_FIX, thrown);
};

/** Bounded even when the file grows meanwhile. */
const readBytes = async (handle: FileHandle, file: string): Promise<Buffer> => {
  const status = await handle.stat();
  if (!status.isFile()) throw refuse(file, status.isDirectory() ? "is a directory" : "is not a regular file", READABLE_FIX);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
  if (bytesRead > MAX_BYTES) throw refuse(file, "is larger than 1 MiB");
  return buffer.subarray(0, bytesRead);
};

/** A leading byte order mark is dropped. */
const decode = (bytes: Buffer, file: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (thrown) {
    throw refuse(file, "is not UTF-8 text", "Save the file as UTF-8.", thrown);
  }
};

/** The text of a file that people write. Throws SETTINGS_INVALID. */
export const readText = async (file: string): Promise<string> => {
  // Without O_NONBLOCK a named pipe would hold the agent until someone writes into it.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((thrown: unknown) => {
    throw readFailure(file, thrown);
  });
  try {
    return decode(await readBytes(handle, file), file);
  } catch (thrown) {
    throw thrown instanceof SpacegateError ? thrown : readFailure(file, thrown);
  } finally {
    await handle.close();
  }
};

/** Reads and validates the settings file. Throws only SETTINGS_INVALID, see `settingsError`. */
export const readSettings = async (file: string): Promise<Settings> => parseSettings(await readText(file), file);
