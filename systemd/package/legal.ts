import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Bundled } from "./bundle.ts";

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

const authorSchema = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const manifestSchema = z.object({ license: z.enum(["MIT", "Apache-2.0"]), author: authorSchema });

const WORDS = {
  MIT: "MIT License, whose text is spacegate's own above.",
  "Apache-2.0": "Apache License 2.0, whose text is in /usr/share/common-licenses/Apache-2.0.",
} as const;

/** A package without a licence file names its licence in its manifest. Throws when that is none whose text every Debian has. */
const wordOf = async (directory: string): Promise<string> => {
  const { author, license } = manifestSchema.parse(JSON.parse(await readFile(join(directory, "package.json"), "utf8")));
  return `Copyright (c) ${author}\n\n${WORDS[license]}`;
};

/** The texts that come with a package. */
const textsOf = async ({ directory }: Bundled): Promise<string> => {
  const files = (await readdir(directory)).filter((file) => LICENCE_FILE.test(file)).sort();
  if (files.length === 0) return wordOf(directory);
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), "utf8")));
  return texts.map((text) => text.replaceAll("\r\n", "\n").trim()).join("\n\n");
};

const RULE = "-".repeat(78);

/** Debian's copyright file: spacegate's own licence, and that of everything that is in the package with it. */
export const copyrightText = async (own: string, runtime: string, bundled: readonly Bundled[]): Promise<string> => {
  const others = await Promise.all(
    bundled.map(async (one) => `${one.name} ${one.version}, in /usr/lib/spacegate/dist\n\n${await textsOf(one)}`),
  );
  const parts = [`spacegate\n\n${own.trim()}`, `Node.js, /usr/lib/spacegate/node\n\n${runtime.trim()}`, ...others];
  return `${parts.join(`\n\n${RULE}\n`)}\n`;
};
