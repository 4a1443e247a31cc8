import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../agent/lib/error-codes.ts";
import { CODE_PAGES } from "../../agent/main/codes.ts";

const agent = join(import.meta.dirname, "../../agent");

const sources = async (): Promise<string> => {
  const names = (await readdir(agent, { recursive: true })).filter(
    (name) => name.endsWith(".ts") && !name.startsWith("lib/error-codes"),
  );
  return (await Promise.all(names.map((name) => readFile(join(agent, name), "utf8")))).join("\n");
};

describe("error codes", () => {
  it("that the code throws are declared, and those that are declared are thrown", async () => {
    const text = await sources();
    // Whatever has the form of one and is given to an error, however the call is laid out.
    const thrown = [...text.matchAll(/SpacegateError\(\s*"([A-Z_]+)"/g)].map(([, code]) => code);
    expect(thrown.filter((code) => !Object.hasOwn(ERROR_CODES, code ?? ""))).toEqual([]);
    expect(Object.keys(ERROR_CODES).filter((code) => !text.includes(`"${code}"`))).toEqual([]);
  });
});

describe("every code that people may meet", () => {
  it("has a page that says what it means and what to do", () => {
    for (const { code, meaning, advice } of CODE_PAGES) {
      expect(meaning, code).toMatch(/^\S.*[.?]$/s);
      expect(advice, code).not.toBe("");
    }
  });

  it("is told from others of its kind by its name", () => {
    const names = CODE_PAGES.map(({ kind, code }) => `${kind} ${code}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it("is among them when a tunnel has it as its reason", () => {
    const reasons = CODE_PAGES.filter(({ kind }) => kind === "reason").map(({ code }) => code);
    expect(reasons).toEqual(expect.arrayContaining(["no-answer-500", "wrong-psk", "no-replies", "unknown"]));
  });
});
