import { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { allCommands, treeOf } from "../../agent/cli/command-tree.ts";
import { programTree } from "./program.ts";

const sample = (): Command => {
  const program = new Command("spacegate").description("top");
  program
    .command("plain")
    .description("does it")
    .argument("<one>", "the one")
    .option("-o, --out <file>", "where to")
    .option("--to <dir>", "directory")
    .addOption(new Option("--kind <kind>", "which").choices(["a", "b"]))
    .addOption(new Option("--secret-switch").hideHelp())
    .addHelpText("after", "\nExample:\n  spacegate plain x");
  program.command("unseen", { hidden: true });
  program.command("group").command("child").description("below");
  return program;
};

describe("the tree of commands", () => {
  const tree = treeOf(sample());

  it("has what people see, and nothing hidden", () => {
    expect(allCommands(tree).map(({ path }) => path.join(" "))).toEqual(["", "plain", "group", "group child"]);
  });

  it("has options with what completes their values, arguments, and what the help ends with", () => {
    expect(tree.commands[0]).toMatchObject({
      description: "does it",
      arguments: [{ shown: "<one>", description: "the one" }],
      notes: "Example:\n  spacegate plain x",
    });
    expect(tree.commands[0]?.options.map(({ long, short, value, words }) => [long, short, value, words])).toEqual([
      ["--out", "-o", "file", []],
      ["--to", "", "directory", []],
      ["--kind", "", "words", ["a", "b"]],
      ["--help", "-h", "free", []],
    ]);
  });
});

/** "spacegate …" lines of a help text, words split, comments and redirections left out. */
const examplesOf = (notes: string): string[][] =>
  notes
    .slice(notes.search(/Examples?:/))
    .split("\n")
    .map((line) =>
      line
        .trim()
        .replace(/^sudo /, "")
        .replace(/ [>|#].*/, ""),
    )
    .filter((line) => line.startsWith("spacegate "))
    .map((line) => line.split(/ +/).slice(1));

const commands = allCommands(programTree()).filter((node) => node.path.length > 0 && node.commands.length === 0);

describe.each(commands.map((node) => [node.path.join(" "), node] as const))("spacegate %s", (name, node) => {
  it("says what it does", () => {
    expect(node.description).toMatch(/^[a-z].{15,}/i);
    for (const option of node.options) expect(option.description, option.flags).not.toBe("");
  });

  it("has examples in its help, which use options that it has", () => {
    const examples = examplesOf(node.notes);
    expect(examples).not.toEqual([]);
    for (const words of examples) {
      expect(words.slice(0, node.path.length).join(" ")).toBe(name);
      const known = node.options.map(({ long }) => long);
      for (const word of words.filter((one) => one.startsWith("--"))) expect(known).toContain(word.replace(/=.*/, ""));
    }
  });
});
