import { paint, type Screen, wrap } from "./screen.ts";

/** What one stable code means. */
export interface CodePage {
  readonly code: string;
  readonly kind: "error" | "warning" | "reason" | "check";
  readonly meaning: string;
  readonly advice: string;
  /** "severity warning; for each tunnel; shown after 5s" */
  readonly facts: string;
}

const KINDS: Readonly<Record<CodePage["kind"], string>> = {
  error: "an error: a command or the agent could not go on with something",
  warning: "a warning: in /healthz, the status page, `spacegate status` and spacegate_warning_active",
  reason: "a reason: why a tunnel is not up or not passing",
  check: "a check of `spacegate check`",
};

/** What is known of one code; several kinds may share it. */
export const explainText = (pages: readonly CodePage[], screen: Screen): string =>
  pages
    .map(({ code, kind, meaning, advice, facts }) =>
      [
        paint(screen, "bold", code),
        wrap(screen, "  ", KINDS[kind]),
        wrap(screen, "  What it means: ", meaning),
        ...(advice === "" ? [] : [wrap(screen, "  What to do:    ", advice)]),
        ...(facts === "" ? [] : [wrap(screen, "  ", facts)]),
      ].join("\n"),
    )
    .join("\n\n");

/** All codes, by kind, each with its meaning. */
export const codesText = (pages: readonly CodePage[], screen: Screen): string => {
  const kinds = [...new Set(pages.map(({ kind }) => kind))];
  const width = Math.max(...pages.map(({ code }) => code.length));
  return kinds
    .map((kind) =>
      [
        paint(screen, "bold", wrap(screen, "", KINDS[kind])),
        ...pages
          .filter((page) => page.kind === kind)
          .map(({ code, meaning }) => wrap(screen, `  ${code.padEnd(width)}  `, meaning)),
      ].join("\n"),
    )
    .join("\n\n");
};
