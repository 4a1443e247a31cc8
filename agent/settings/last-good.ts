import { resolve } from "node:path";
import { writeAtomically } from "../lib/atomic-file.ts";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { OWN_HEADER } from "../lib/own-header.ts";
import type { Settings } from "../model/settings.ts";
import { parseSettings } from "./parse.ts";
import { readSettings, readText } from "./read.ts";

export const LAST_GOOD_SETTINGS_PATH = "/var/lib/spacegate/last-good-settings.yaml";

export interface SettingsPlaces {
  /** The owner's file. */
  readonly file: string;
  /** Its last good text: root's, 0600, because people write into a file more than its keys. */
  readonly copy: string;
}

export interface SettingsAtStart {
  readonly settings: Settings;
  /** SETTINGS_INVALID: why the settings are those of the copy; absent when they are the file's own. */
  readonly refused?: SpacegateError;
}

/** Names the file, so that an agent that is started with another one does not go by the wrong settings. */
const headerFor = (file: string): string =>
  `${OWN_HEADER} The last good text of ${JSON.stringify(resolve(file))}, for a start while that is wrong.\n`;

const readCopy = async ({ file, copy }: SettingsPlaces): Promise<Settings | undefined> => {
  try {
    const text = await readText(copy);
    return text.startsWith(headerFor(file)) ? parseSettings(text, copy) : undefined;
  } catch (thrown) {
    if (thrown instanceof SpacegateError) return undefined;
    throw thrown;
  }
};

/** A file that was taken away is its owner's word; one that is wrong is a mistake. */
const isMissing = ({ cause }: SpacegateError): boolean => ["ENOENT", "ENOTDIR"].includes(errnoOf(cause) ?? "");

/** The file's settings, or the copy's while the file is wrong. Throws SETTINGS_INVALID when neither will do. */
export const settingsAtStart = async (places: SettingsPlaces): Promise<SettingsAtStart> => {
  try {
    return { settings: await readSettings(places.file) };
  } catch (refused) {
    if (!(refused instanceof SpacegateError) || isMissing(refused)) throw refused;
    const settings = await readCopy(places);
    if (!settings) throw refused;
    return { settings, refused };
  }
};

const keep = async ({ file, copy }: SettingsPlaces, text: string, log: Log): Promise<void> => {
  const kept = headerFor(file) + text;
  if ((await readText(copy).catch(() => undefined)) === kept) return;
  try {
    await writeAtomically({ path: copy, text: kept, mode: 0o600, directoryMode: 0o700 });
  } catch (thrown) {
    const why = errnoOf(thrown) ?? messageOf(thrown);
    log.warn({ path: copy }, `the settings cannot be kept for a start with a wrong file (${why})`);
  }
};

/** Reads and validates the file, and keeps a text that is good. Throws only SETTINGS_INVALID. */
export const readAndKeep = async (places: SettingsPlaces, log: Log): Promise<Settings> => {
  const text = await readText(places.file);
  const settings = parseSettings(text, places.file);
  await keep(places, text, log);
  return settings;
};
