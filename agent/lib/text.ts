/** C0, DEL, C1 and the two line separators that some readers take for a newline. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

export const hasControlCharacter = (text: string): boolean => CONTROL.test(text);

const escaped = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

/** A string from outside as it may stand in a message: in quotes, one line, 80 characters at most. */
export const quoted = (text: string): string => {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(short).replaceAll(new RegExp(CONTROL, "gu"), escaped);
};

/**
 * Text from outside on one line, 300 characters at most; each run of blanks, control characters and invisible ones, which may
 * turn the direction of writing round, becomes one space.
 */
export const oneLine = (text: string): string => {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};

/** The parts of "a, b c". */
export const splitList = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== "");
