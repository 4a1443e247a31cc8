import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "./architecture.ts";
import { addBundle, commandText } from "./bundle.ts";
import { copyrightText } from "./legal.ts";
import { addRuntime } from "./runtime.ts";
import { sbomText } from "./sbom.ts";
import { tool } from "./tools.ts";
import type { Tree } from "./tree.ts";

export interface Recipe {
  /** The repository. */
  readonly root: string;
  readonly architecture: Architecture;
  /** Where what npm brought is kept for the next time. */
  readonly cache: string;
  readonly scratch: string;
  /** The time of everything in the package. */
  readonly moment: Date;
}

/** What a file on the host is called. */
const LIB = "usr/lib/spacegate";
const DOC = "usr/share/doc/spacegate";
const COMMAND = "usr/bin/spacegate";
const NODE = `${LIB}/node`;
const BUNDLE = `${LIB}/dist/spacegate.mjs`;

export const EXECUTABLES = [COMMAND, NODE];

const COMPLETIONS = {
  bash: "usr/share/bash-completion/completions/spacegate",
  zsh: "usr/share/zsh/vendor-completions/_spacegate",
  fish: "usr/share/fish/vendor_completions.d/spacegate.fish",
} as const;

/** What the agent tells about itself. */
const addTold = async (tree: Tree): Promise<void> => {
  const told = (...args: string[]) => tool(process.execPath, [join(tree.directory, BUNDLE), ...args]);
  await tree.writeCompressed("usr/share/man/man8/spacegate.8.gz", `${await told("man")}\n`);
  for (const [shell, path] of Object.entries(COMPLETIONS)) await tree.write(path, `${await told("completion", shell)}\n`);
  await tree.write(`${DOC}/examples/config.schema.json`, `${await told("schema")}\n`);
};

const addDocuments = async (tree: Tree, root: string): Promise<void> => {
  await tree.writeCompressed(`${DOC}/changelog.gz`, await readFile(join(root, "CHANGELOG.md"), "utf8"));
  await tree.copy(join(root, "systemd/debian/config.yaml"), `${DOC}/examples/config.yaml`);
  await tree.copy(join(root, "systemd/debian/lintian-overrides"), "usr/share/lintian/overrides/spacegate");
};

/** Puts everything that the package brings below the tree. */
export const addContent = async (tree: Tree, { root, architecture, cache, scratch, moment }: Recipe): Promise<void> => {
  const bundled = await addBundle(root, await tree.place(`${LIB}/dist`), scratch);
  const runtime = await addRuntime(architecture, await tree.place(NODE), cache, scratch);
  await tree.copy(join(root, "templates"), `${LIB}/templates`);
  await tree.copy(join(root, "systemd/spacegate.service"), "usr/lib/systemd/system/spacegate.service");
  await tree.write(COMMAND, commandText(await readFile(join(root, "agent/main.ts"), "utf8"), `/${NODE}`, `/${BUNDLE}`));
  await addTold(tree);
  await addDocuments(tree, root);
  const licence = await readFile(join(root, "LICENSE"), "utf8");
  await tree.write(`${DOC}/copyright`, await copyrightText(licence, runtime.licence, bundled));
  await tree.write(`${DOC}/sbom.cdx.json`, await sbomText(root, architecture, bundled, moment));
};
