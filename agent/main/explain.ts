import type { ExplainOptions } from "../cli/explain.ts";
import { codesText, explainText } from "../cli/explain-text.ts";
import { screenOf } from "../cli/screen.ts";
import { SpacegateError } from "../lib/errors.ts";
import { nearest } from "../settings/nearest.ts";
import { CODE_PAGES } from "./codes.ts";

/** Codes are copied out of brackets, logs and metrics: case and brackets do not matter. */
const bare = (code: string): string => code.replaceAll(/[()[\]:.,"'`]/g, "").toLowerCase();

const pagesOf = (code: string | undefined) => {
  if (code === undefined) return CODE_PAGES;
  const pages = CODE_PAGES.filter((page) => page.code.toLowerCase() === bare(code));
  if (pages.length > 0) return pages;
  const close = nearest(bare(code), [...new Set(CODE_PAGES.map((page) => page.code))]);
  throw new SpacegateError("CODE_UNKNOWN", `There is no code ${JSON.stringify(code.slice(0, 60))}.`, {
    fix: close ? `Did you mean ${close}?` : "`spacegate explain` lists them all.",
  });
};

export const explain = async (options: ExplainOptions): Promise<number> => {
  const screen = screenOf(process.stdout, process.env, options);
  const pages = pagesOf(options.code);
  const text = options.code === undefined ? codesText(pages, screen) : explainText(pages, screen);
  process.stdout.write(`${options.json ? JSON.stringify(pages) : text}\n`);
  return 0;
};
