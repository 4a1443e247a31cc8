import { stripVTControlCharacters } from "node:util";
import { parseJson } from "../lib/json.ts";

/** How many lines may look like the beginning, and the end, of the JSON: garbage must not cost seconds. */
const TRIES = 20;

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** The object or array of objects that the text is; undefined for anything else, such as a job number "[1]". */
const objectsIn = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    const fits = Array.isArray(value) ? value.every(isObject) : isObject(value);
    return fits ? (value as object) : undefined;
  } catch {
    return undefined;
  }
};

const placesOf = (text: string, pattern: RegExp): number[] => Array.from(text.matchAll(pattern), ({ index }) => index);

/**
 * The JSON object or array in what a program printed, with warnings, update notices and colours around it.
 * It begins a line without indentation (what is indented may be a part of something cut off) and ends one. Throws SOURCE_MALFORMED, which quotes nothing of the text.
 */
export const findJson = (output: string, about: string): unknown => {
  const text = stripVTControlCharacters(output);
  const starts = placesOf(text, /^[[{]/gm).slice(0, TRIES);
  const ends = placesOf(text, /[}\]][ \t\r]*$/gm)
    .slice(-TRIES)
    .reverse();
  for (const start of starts) {
    for (const end of ends.filter((place) => place > start)) {
      const found = objectsIn(text.slice(start, end + 1));
      if (found) return found;
    }
  }
  const from = text.slice(starts[0] ?? 0);
  return parseJson(from, `what the heroku client says about ${about}`, "Run the client by hand with --json, and update it.");
};
