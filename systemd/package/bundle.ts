import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import * as z from "zod";
import { tool } from "./tools.ts";

const metafileSchema = z.object({ inputs: z.record(z.string(), z.unknown()) });
const manifestSchema = z.object({ name: z.string(), version: z.string() });

/** An npm package of which something is in the bundle. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

const MODULES = `node_modules${sep}`;

/** "node_modules/a/node_modules/@b/c/lib/d.js" is of the package in "node_modules/a/node_modules/@b/c". */
const directoryOf = (input: string): string | undefined => {
  const at = input.lastIndexOf(MODULES);
  if (at < 0) return undefined;
  const [first = "", second = ""] = input.slice(at + MODULES.length).split(sep);
  return input.slice(0, at + MODULES.length) + (first.startsWith("@") ? join(first, second) : first);
};

const bundledFrom = async (root: string, metafile: string): Promise<Bundled[]> => {
  const { inputs } = metafileSchema.parse(JSON.parse(await readFile(metafile, "utf8")));
  const directories = [...new Set(Object.keys(inputs).flatMap((input) => directoryOf(input) ?? []))].sort();
  return Promise.all(
    directories.map(async (directory) => ({
      ...manifestSchema.parse(JSON.parse(await readFile(join(root, directory, "package.json"), "utf8"))),
      directory: join(root, directory),
    })),
  );
};

/** Bundles the agent into `target` with the flags of `npm run build`; says which packages are in it. */
export const addBundle = async (root: string, target: string, scratch: string): Promise<Bundled[]> => {
  const metafile = join(scratch, "metafile.json");
  await tool("npm", ["run", "--silent", "bundle", "--", `--outdir=${target}`, `--metafile=${metafile}`], { cwd: root });
  const entry = join(target, "spacegate.mjs");
  const text = await readFile(entry, "utf8");
  // The command starts it with the first line's flags.
  await writeFile(entry, text.replace(/^#!.*\n/, ""));
  // What they say is in the licences that the copyright file holds whole.
  for (const name of await readdir(target)) if (name.endsWith(".LEGAL.txt")) await rm(join(target, name));
  return bundledFrom(root, metafile);
};

const FIRST_LINE = /^#!\/usr\/bin\/env -S ((?:[A-Z_]+=\S+ )*)node((?: --\S+)*)\n/;

/** What /usr/bin/spacegate is: Node's variables and flags are those of agent/main.ts's first line. Throws when that has another form. */
export const commandText = (mainText: string, runtime: string, bundle: string): string => {
  const [, variables, flags] = FIRST_LINE.exec(mainText) ?? [];
  if (variables === undefined || flags === undefined) throw new Error("agent/main.ts begins otherwise than the recipe expects");
  const exported = variables.trim() === "" ? [] : [`export ${variables.trim()}`];
  return [
    "#!/bin/sh",
    "# What agent/main.ts starts Node with, and why it does is there.",
    ...exported,
    `exec ${runtime}${flags} ${bundle} "$@"`,
    "",
  ].join("\n");
};
