/** One look, ready to be shown. */
export interface Frame {
  /** Equal as long as nothing changed that a person would want to be told. */
  readonly key: string;
  readonly text: string;
}

export interface Terminal {
  readonly isTTY?: boolean;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Waits until it is time for another look; false when it is time to end. */
type Pause = () => Promise<boolean>;

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const REST_OF_LINE = "\x1b[K";
const REST_OF_SCREEN = "\x1b[J";

/** A terminal that does not know its size says 0. */
const DEFAULT_ROWS = 24;

/** As many lines as the terminal has; the last one says what is missing. */
const cut = (text: string, rows: number): string[] => {
  const lines = text.split("\n");
  const room = Math.max(1, rows - 1);
  if (lines.length <= room) return lines;
  const shown = lines.slice(0, room - 1);
  return [...shown, `... ${lines.length - shown.length} more lines; a taller window shows them`];
};

/** On a terminal, in place on the alternate screen; the last look stays readable when it ends, however it ends. */
const watchInPlace = async (look: () => Promise<Frame>, terminal: Terminal, pause: Pause): Promise<void> => {
  let last: Frame | undefined;
  terminal.write(ENTER);
  try {
    do {
      last = await look();
      const lines = cut(last.text, terminal.rows || DEFAULT_ROWS);
      terminal.write(`${HOME}${lines.map((line) => `${line}${REST_OF_LINE}`).join("\n")}\n${REST_OF_SCREEN}`);
    } while (await pause());
  } finally {
    terminal.write(LEAVE);
    if (last) terminal.write(`${last.text}\n`);
  }
};

/** Into a file or pipe: a block for each change, so that a log of it can be read. */
const watchAsBlocks = async (look: () => Promise<Frame>, terminal: Terminal, pause: Pause): Promise<void> => {
  let before: string | undefined;
  do {
    const { key, text } = await look();
    if (key !== before) terminal.write(`${text}\n`);
    before = key;
  } while (await pause());
};

/** Looks again and again until `pause` says that it is enough. */
export const watchStatus = (look: () => Promise<Frame>, terminal: Terminal, inPlace: boolean, pause: Pause): Promise<void> =>
  inPlace ? watchInPlace(look, terminal, pause) : watchAsBlocks(look, terminal, pause);
