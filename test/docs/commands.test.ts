import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { programTree } from "../cli/program.ts";
import { commandRunFor, knownCommand } from "./command-line.ts";
import { fencedBlocks, inlineCode, spacegateCommands } from "./markdown.ts";

const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");

/** Typed after a prompt, in blocks that also show the answer. */
const atPrompts = fencedBlocks(readme, "").flatMap((block) =>
  block.split("\n").flatMap((line) => (line.startsWith("$ ") ? [line.slice(2)] : [])),
);
const typed = [...fencedBlocks(readme, "sh"), ...atPrompts].flatMap(spacegateCommands);
const inline = inlineCode(readme);
const mentioned = inline.filter((code) => /^(sudo )?spacegate [a-z]/.test(code));

const optionsIn = (text: string): string[] => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];

describe("a command in README.md", () => {
  it("is found by this test", () => {
    expect(typed.length).toBeGreaterThan(5);
    expect(mentioned.length).toBeGreaterThan(20);
  });

  it.each(typed.map((words) => [words.join(" "), words] as const))("can be typed: spacegate %s", async (_, words) => {
    const name = await commandRunFor(words);
    expect(name).toEqual(knownCommand(words).name);
    expect(name).not.toEqual([]);
  });

  it.each(mentioned)("is there, with its options: %s", (code) => {
    const words = spacegateCommands(code)[0] ?? [];
    const { name, options, subcommands, rest } = knownCommand(words);
    expect(name).not.toEqual([]);
    expect(options).toEqual(expect.arrayContaining(optionsIn(code)));
    if (subcommands.length > 0) expect(rest).toEqual([]);
  });

  it.each(["frobnicate", "vpn frobnicate", "plan --frobnicate", "monitoring", "completion tcsh", "plan extra"])(
    "would be found wrong: spacegate %s",
    async (line) => {
      await expect(commandRunFor(line.split(" "))).rejects.toThrow(/unknown|required|invalid|too many/);
    },
  );
});

describe("the commands' table in README.md", () => {
  const rows = [...readme.matchAll(/^\| `spacegate ([\w-]+)` \| (.*) \|$/gm)].map(([, name = "", text = ""]) => ({ name, text }));

  it("has every command that the help shows", () => {
    const shown = programTree().commands.flatMap(({ path }) => path);
    expect(rows.map(({ name }) => name).sort()).toEqual(shown.sort());
  });

  it.each(rows)("names options that $name has", ({ name, text }) => {
    expect(knownCommand([name]).options).toEqual(expect.arrayContaining(optionsIn(text)));
  });
});

describe("an option in README.md", () => {
  it("of setup's table is setup's", () => {
    const flags = [...readme.matchAll(/^\| [^|]+ \| (`--[^|]+) \| [^|]+ \|$/gm)].flatMap(([, cell = ""]) => optionsIn(cell));
    expect(flags).toContain("--probe-target");
    expect(knownCommand(["setup"]).options).toEqual(expect.arrayContaining(flags));
  });

  it("is known to some command", () => {
    // The lab has a command line of its own.
    const own = readme.split("\n\n").filter((paragraph) => !paragraph.includes("npm run lab"));
    const named = inlineCode(own.join("\n\n")).filter((code) => code.startsWith("--"));
    expect(named.length).toBeGreaterThan(10);
    expect(knownCommand([]).options).toEqual(expect.arrayContaining(named.flatMap(optionsIn)));
  });
});
