import { SpacegateError } from "../lib/errors.ts";
import { type Entry, findLeaks, type Leak, redactorOf } from "./clean.ts";
import { type Collected, collectAll, type Part } from "./collect.ts";
import type { KnownSecret } from "./spellings.ts";

export interface BundleParts {
  readonly parts: readonly Part[];
  /** Asked for before and after the parts are collected: keys are renewed at any time. */
  readonly secrets: () => Promise<readonly KnownSecret[]>;
  /** First line of the list of contents. */
  readonly title: string;
}

const refused = ([first, ...more]: readonly Leak[]): SpacegateError => {
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  return new SpacegateError("BUNDLE_REFUSED", `No bundle was written: ${first?.name} holds ${first?.secret}${others}.`, {
    fix: `\`spacegate bundle --without ${first?.name}\` leaves that part out. Please report it: a bundle should be clean by itself.`,
  });
};

/** Throws BUNDLE_REFUSED when any known secret is in any of the files. */
export const refuseLeaks = (entries: readonly Entry[], known: readonly KnownSecret[]): void => {
  const leaks = findLeaks(entries, known);
  if (leaks.length > 0) throw refused(leaks);
};

/** Of a log the end counts. */
const MAX_LENGTH = 5_000_000;

const cut = (text: string): string =>
  text.length <= MAX_LENGTH
    ? text
    : `[the first ${text.length - MAX_LENGTH} characters were left out]\n${text.slice(-MAX_LENGTH)}`;

const sizeText = ({ name, text, failed }: Collected): string =>
  `${String(Buffer.byteLength(text)).padStart(9)}  ${name}${failed ? "  (could not be collected; it says why)" : ""}`;

const contents = (title: string, files: readonly Collected[]): Entry => ({
  name: "CONTENTS.txt",
  text: [
    title,
    "Secrets were taken out, and every file was searched for each secret of this host.",
    "",
    ...files.map(sizeText),
    "",
  ].join("\n"),
});

/** Everything that goes into a bundle, proven to hold no secret that this host knows. Throws BUNDLE_REFUSED. */
export const makeBundle = async ({ parts, secrets, title }: BundleParts): Promise<readonly Entry[]> => {
  const before = await secrets();
  const collected = await collectAll(parts);
  const known = [...before, ...(await secrets())];
  const redact = redactorOf(known);
  // Cut afterwards: of a secret that is cut in two, the rest would not be found.
  const files = collected.map((one) => ({ ...one, text: cut(redact(one.text)) }));
  const list = contents(title, files);
  const entries = [{ ...list, text: redact(list.text) }, ...files];
  refuseLeaks(entries, known);
  return entries;
};
