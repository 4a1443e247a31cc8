/** A spelling that was found, by its place in the text. */
export interface Found<T> {
  readonly start: number;
  readonly end: number;
  readonly what: T;
}

/** The quotes of a secret of one character included. */
const PREFIX = 3;

/** Looks for thousands of words at once: a text is walked through one time, whatever their number. */
export class Finder<T> {
  readonly #byPrefix = new Map<string, { readonly word: string; readonly what: T }[]>();

  /** Words shorter than three characters are not looked for. */
  constructor(words: readonly (readonly [string, T])[]) {
    // The longest first: where one word begins another, the whole of the longer one is meant.
    for (const [word, what] of words.toSorted(([a], [b]) => b.length - a.length)) {
      if (word.length < PREFIX) continue;
      const prefix = word.slice(0, PREFIX);
      this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), { word, what }]);
    }
  }

  /** In their order, without overlaps. */
  find(text: string): Found<T>[] {
    const found: Found<T>[] = [];
    let place = 0;
    while (place < text.length) {
      const hit = this.#byPrefix.get(text.slice(place, place + PREFIX))?.find(({ word }) => text.startsWith(word, place));
      if (hit) found.push({ start: place, end: place + hit.word.length, what: hit.what });
      place += hit ? hit.word.length : 1;
    }
    return found;
  }
}
