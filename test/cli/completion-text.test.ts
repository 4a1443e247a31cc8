import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { describe, expect, it } from "vitest";
import { allCommands } from "../../agent/cli/command-tree.ts";
import { completionText, type Shell } from "../../agent/cli/completion-text.ts";
import { temporaryDirectory } from "../lib/support.ts";
import { programTree } from "./program.ts";

const root = programTree();
const names = root.commands.flatMap(({ path }) => path);

const has = (program: string): boolean => execaSync(program, ["--version"], { reject: false }).exitCode === 0;

/** A directory with the script as "completion", a file and a directory. */
const place = async (shell: Shell): Promise<string> => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "completion"), completionText(root, shell));
  await writeFile(join(directory, "my settings.yaml"), "");
  return directory;
};

/** What a shell offers after `line`, whose last word is being typed. */
type Offer = (line: string) => Promise<string[]>;

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** What bash itself would do: words into COMP_WORDS, then the registered function. */
const inBash: Offer = async (line) => {
  const words = line.split(/ |(=)/).filter((word) => word !== undefined);
  const script = `source ./completion
    [ "$(complete -p spacegate)" = "complete -F _spacegate spacegate" ] || exit 9
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _spacegate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines((await execa("bash", ["--norc", "-uc", script, "bash", ...words], { cwd: await place("bash") })).stdout);
};

/** zsh's own helpers are replaced by ones that print what they are given. */
const inZsh: Offer = async (line) => {
  const script = `compdef() { }; _describe() { print -rl -- "\${(@)entries%%:*}" }; _files() { print -l *(N) }
    compadd() { shift; print -l -- "$@" }; _message() { }
    source ./completion; words=("$@"); CURRENT=$#; _spacegate`;
  const cur = line.split(" ").at(-1) ?? "";
  const { stdout } = await execa("zsh", ["-fc", script, "zsh", ...line.split(" ")], { cwd: await place("zsh") });
  return lines(stdout).filter((word) => word.startsWith(cur));
};

const inFish: Offer = async (line) => {
  const directory = await place("fish");
  const env = { HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory };
  const { stdout } = await execa("fish", ["-c", 'source ./completion; complete -C "$argv[1]"', line], { cwd: directory, env });
  return lines(stdout).map((found) => found.split("\t")[0] ?? "");
};

describe.each([
  ["bash", inBash],
  ["zsh", inZsh],
  ["fish", inFish],
] as const)("in %s", (shell, offer) => {
  describe.skipIf(!has(shell))("the completion", () => {
    it("offers the commands, and not the hidden one", async () => {
      const offered = await offer("spacegate ");
      expect(offered).toEqual(expect.arrayContaining(names));
      expect(offered).not.toContain("man");
    });

    it("goes by what is typed", async () => {
      expect(await offer("spacegate st")).toEqual(["status"]);
    });

    it("offers a command's own options", async () => {
      expect(await offer("spacegate status --w")).toEqual(["--watch"]);
      expect(await offer("spacegate schema --w")).toEqual([]);
    });

    it("follows commands below commands", async () => {
      const [group] = root.commands.filter(({ commands }) => commands.length > 0);
      const [child] = group?.commands ?? [];
      expect(await offer(`spacegate ${group?.path.join(" ")} `)).toContain(child?.path.at(-1));
      expect(await offer(`spacegate ${child?.path.join(" ")} --he`)).toEqual(["--help"]);
    });

    it("offers the shells to completion itself", async () => {
      expect(await offer("spacegate completion z")).toEqual(["zsh"]);
    });

    it("offers files where a file is wanted, with spaces in their names too", async () => {
      expect((await offer("spacegate plan --config my")).map((name) => name.replaceAll("\\", ""))).toEqual(["my settings.yaml"]);
    });

    it("offers nothing where a value is wanted that it cannot know", async () => {
      expect(await offer("spacegate status --connection s")).toEqual([]);
    });

    it("does not take an option's value for a command", async () => {
      expect(await offer("spacegate status --connection plan --w")).toEqual(["--watch"]);
    });
  });
});

it("bash: a value behind an equals sign is completed too", async () => {
  expect(await inBash("spacegate plan --config=my")).toEqual(["my settings.yaml"]);
});

it.each(["bash", "zsh", "fish"] as const)("%s: every command and option is in the script", (shell) => {
  const script = completionText(root, shell);
  for (const node of allCommands(root))
    for (const { long } of node.options) expect(script).toContain(shell === "fish" ? `-l ${long.slice(2)} ` : long);
});
