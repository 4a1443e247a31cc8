import { SpacegateError } from "./errors.ts";

/** More than any number of connections needs, and little enough to hold in memory. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

const problemOf = (text: string, thrown: unknown): string => {
  if (text.trim() === "") return "is empty";
  if (text.trimStart().startsWith("<")) return "is HTML, not JSON";
  // The parser's own words quote the text around the fault, and a PSK may stand there: only the place is taken.
  const place = /at position \d+ \(line (\d+) column (\d+)\)/.exec(thrown instanceof Error ? thrown.message : "");
  return place ? `is not JSON (line ${place[1]}, column ${place[2]})` : "is not JSON";
};

/** Throws SOURCE_MALFORMED, which quotes nothing of the text; `origin` says whose text it is, `fix` what to do. */
export const parseJson = (text: string, origin: string, fix: string): unknown => {
  try {
    return JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (thrown) {
    throw new SpacegateError("SOURCE_MALFORMED", `${origin} ${problemOf(text, thrown)}`, { fix });
  }
};
