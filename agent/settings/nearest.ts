/** Levenshtein's distance: how many letters must be added, removed or replaced. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");

const sorted = (text: string): string => [...text].sort().join("");

/** Letters in a wrong order ("prot") are one slip, not two. */
const slips = (from: string, to: string): number =>
  Math.min(distance(from, to), sorted(from) === sorted(to) ? 1 : Number.POSITIVE_INFINITY);

/** The word that was probably meant: at most a third of its letters differ; undefined when none comes near. */
export const nearest = (text: string, words: readonly string[]): string | undefined => {
  if (text.length > 60) return undefined;
  const ranked = words.map((word) => ({ word, far: slips(plain(text), plain(word)) })).sort((a, b) => a.far - b.far);
  const [best] = ranked;
  return best && best.far <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined;
};
