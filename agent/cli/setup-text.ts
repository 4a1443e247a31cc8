/** What `spacegate setup` did, without anything secret. */
export interface SetupReport {
  readonly settings: string;
  /** Where the settings of before are kept; null when there were none. */
  readonly kept: string | null;
  /** Where the token is kept; null when setup stored none. */
  readonly token: string | null;
  readonly connection: { readonly space: string; readonly name: string; readonly created: boolean };
  /** null: they were not run. */
  readonly checks: "passed" | "failed" | null;
  /** The commands that come next. */
  readonly next: readonly string[];
}

/** What was written, for a person. */
export const writtenText = ({ settings, kept, token }: Pick<SetupReport, "settings" | "kept" | "token">): string =>
  [
    `Wrote ${settings}.`,
    ...(kept === null ? [] : [`The one before is kept as ${kept}.`]),
    ...(token === null ? [] : [`The token is in ${token}, which only root reads.`]),
  ].join("\n");

/** How it ended, and what comes next. */
export const nextText = ({ checks, next }: Pick<SetupReport, "checks" | "next">): string =>
  [
    ...(checks === "failed" ? ["Some checks fail: see their fixes above, and run `spacegate check` again."] : []),
    "Next:",
    ...next.map((command) => `  ${command}`),
  ].join("\n");
