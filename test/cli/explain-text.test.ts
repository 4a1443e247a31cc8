import { expect, it } from "vitest";
import { type CodePage, codesText, explainText } from "../../agent/cli/explain-text.ts";

const SCREEN = { width: 80, colour: false };

const PAGE: CodePage = {
  code: "tunnel-down",
  kind: "warning",
  meaning: "A tunnel is down.",
  advice: "See the reason.",
  facts: "Severity: warning.",
};

it("a page says what kind of code it is, what it means and what to do", () => {
  expect(explainText([PAGE], SCREEN)).toBe(`tunnel-down
  a warning: in /healthz, the status page, \`spacegate status\` and
  spacegate_warning_active
  What it means: A tunnel is down.
  What to do:    See the reason.
  Severity: warning.`);
});

it("kinds that share a code follow each other", () => {
  expect(explainText([PAGE, { ...PAGE, kind: "check", facts: "", advice: "" }], SCREEN)).toMatch(
    /Severity: warning\.\n\ntunnel-down\n {2}a check .*\n {2}What it means: A tunnel is down\.$/,
  );
});

it("the list is by kind, and wraps within its column", () => {
  const long = { ...PAGE, code: "SETTINGS_INVALID", kind: "error" as const, meaning: "word ".repeat(20).trim() };
  const text = codesText([long, PAGE], SCREEN);
  expect(text).toMatch(/^an error: .*\n(.*\n)? {2}SETTINGS_INVALID {2}word word/);
  expect(text).toMatch(/\n {20}word/);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
