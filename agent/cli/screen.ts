import { stripVTControlCharacters, styleText } from "node:util";

/** What text is made for. */
export interface Screen {
  /** Columns; no line is longer. */
  readonly width: number;
  readonly colour: boolean;
}

const DEFAULT_WIDTH = 80;
/** Narrower ones break the lines themselves. */
const MIN_WIDTH = 20;

/** Colours only on a terminal that has them, and neither with --no-color nor with NO_COLOR (https://no-color.org). */
export const screenOf = (
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
  { color = true }: { readonly color?: boolean } = {},
): Screen => ({
  // A terminal that does not know its size says 0.
  width: stream.isTTY ? Math.max(stream.columns || DEFAULT_WIDTH, MIN_WIDTH) : DEFAULT_WIDTH,
  colour: color && stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb",
});

export type Style = "bold" | "dim" | "red" | "green" | "yellow";

/** Colour only underlines what symbol and word say already. */
export const paint = ({ colour }: Screen, style: Style, text: string): string =>
  colour ? styleText(style, text, { validateStream: false }) : text;

/** Heroku's, charon's or anybody's words without what a terminal would obey, and on one line. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();

const lengthOf = (text: string): number => stripVTControlCharacters(text).length;

/** Pieces of a word that is longer than a line. */
const pieces = (word: string, room: number): string[] =>
  lengthOf(word) <= room ? [word] : (word.match(new RegExp(`.{1,${room}}`, "gu")) ?? []);

/**
 * The text in lines no longer than the screen; `first` begins the first line, as many spaces the others. A text that fits
 * stays as it is, spaces included.
 */
export const wrap = ({ width }: Screen, first: string, text: string): string => {
  if (lengthOf(first) + lengthOf(text) <= width) return `${first}${text}`;
  // Words need some room, even where a deep indent leaves none.
  const indent = " ".repeat(Math.min(lengthOf(first), Math.floor(width / 2)));
  const room = width - indent.length;
  const lines: string[] = [];
  for (const word of text.split(/ +/).flatMap((one) => pieces(one, room))) {
    const last = lines.at(-1);
    if (last !== undefined && lengthOf(last) + 1 + lengthOf(word) <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const start = lengthOf(first) <= indent.length ? first : `${first.trimEnd()}\n${indent}`;
  return start + lines.join(`\n${indent}`);
};
