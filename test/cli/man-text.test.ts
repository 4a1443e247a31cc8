import { execa, execaSync } from "execa";
import { describe, expect, it } from "vitest";
import { allCommands } from "../../agent/cli/command-tree.ts";
import { manText } from "../../agent/cli/man-text.ts";
import { programTree } from "./program.ts";

const root = programTree();
const page = manText(root, "0.1.0");
const lines = page.split("\n");

describe("the manual page", () => {
  it("has the sections that a manual page has, in their order", () => {
    expect(lines.find((line) => !line.startsWith('.\\"'))).toBe('.TH SPACEGATE 8 "" "spacegate 0.1.0" "System Administration"');
    expect(lines.filter((line) => line.startsWith(".SH ")).map((line) => line.slice(4))).toEqual([
      "NAME",
      "SYNOPSIS",
      "DESCRIPTION",
      "COMMANDS",
      "COMMON OPTIONS",
      "EXIT STATUS",
      "SIGNALS",
      "FILES",
      "ENVIRONMENT",
      "SEE ALSO",
    ]);
  });

  it("has the name in the form that whatis reads", () => {
    expect(lines[lines.indexOf(".SH NAME") + 1]).toMatch(/^spacegate \\- keeps both tunnels/);
  });

  it("has every command with its options and examples", () => {
    for (const { path, commands, options } of allCommands(root).filter((node) => node.path.length > 0)) {
      if (commands.length > 0) continue;
      expect(page).toContain(`.SS "spacegate ${path.join(" ").replaceAll("-", "\\-")}`);
      for (const { flags } of options.filter(({ long }) => long !== "--help"))
        expect(page).toContain(`\\fB${flags.replaceAll("-", "\\-")}\\fR`);
    }
  });

  it("uses requests only where it means them, and ASCII only", () => {
    for (const line of lines) expect(line).toMatch(/^(\.(TH|SH|SS|TP|PP|nf|fi|BR|\\")( |$)|[^.']|$)/);
    expect(page).toMatch(/^\p{ASCII}*$/u);
    expect(lines.filter((line) => line === ".nf")).toHaveLength(lines.filter((line) => line === ".fi").length);
  });

  it.skipIf(execaSync("groff", ["--version"], { reject: false }).exitCode !== 0)(
    "is what groff takes without a warning",
    async () => {
      const { stdout, stderr } = await execa("groff", ["-man", "-ww", "-Tutf8", "-P-cbou"], { input: page });
      expect(stderr).toBe("");
      expect(stdout.replaceAll(/\s+/g, " ")).toContain("spacegate status --connection acme-space/office --json");
    },
  );
});

it("text cannot become a request", () => {
  const node = { path: [], description: ".so /etc/passwd\n'br\\fB", options: [], arguments: [], notes: "", commands: [] };
  expect(manText(node, "x")).toContain("\\&.so /etc/passwd\n\\&'br\\efB");
});
