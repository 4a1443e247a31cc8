import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Architecture, RUNTIME_VERSION } from "./architecture.ts";
import { addContent, EXECUTABLES } from "./content.ts";
import { tool } from "./tools.ts";
import { Tree } from "./tree.ts";

const MAINTAINER = "The spacegate authors <spacegate@spacegate.example>";
const SCRIPTS = ["postinst", "prerm", "postrm"];

export interface BuildOptions {
  readonly root: string;
  readonly architecture: Architecture;
  /** Debian's own part of the version. */
  readonly revision: string;
  /** Where the package goes. */
  readonly out: string;
}

export interface Built {
  readonly path: string;
  readonly bytes: number;
  readonly installedKiB: number;
}

interface Manifest {
  readonly version: string;
  readonly devDependencies: { readonly node: string };
}

/** Everything in a package has one time: SOURCE_DATE_EPOCH's, or that of the last commit. */
const momentOf = async (root: string): Promise<Date> => {
  const seconds = process.env.SOURCE_DATE_EPOCH ?? (await tool("git", ["log", "-1", "--format=%ct"], { cwd: root }));
  return new Date(Number(seconds) * 1000);
};

const debianChangelog = (version: string, moment: Date): string =>
  [
    `spacegate (${version}) unstable; urgency=medium`,
    "",
    "  * What is new is in changelog.gz.",
    "",
    ` -- ${MAINTAINER}  ${moment.toUTCString().replace("GMT", "+0000")}`,
    "",
  ].join("\n");

const addControl = async (tree: Tree, values: Readonly<Record<string, string>>, recipes: string): Promise<void> => {
  const control = await readFile(join(recipes, "control"), "utf8");
  const filled = control.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => values[name] ?? "");
  const sums = await tree.checksums();
  const directory = join(tree.directory, "DEBIAN");
  await mkdir(directory);
  await writeFile(join(directory, "control"), filled);
  await writeFile(join(directory, "md5sums"), sums);
  for (const script of SCRIPTS) await writeFile(join(directory, script), await readFile(join(recipes, script)));
  for (const name of ["control", "md5sums"]) await chmod(join(directory, name), 0o644);
  for (const name of ["", ...SCRIPTS]) await chmod(join(directory, name), 0o755);
};

const buildIn = async (scratch: string, { root, architecture, revision, out }: BuildOptions): Promise<Built> => {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest;
  if (manifest.devDependencies.node !== RUNTIME_VERSION)
    throw new Error(`package.json has Node ${manifest.devDependencies.node}; systemd/package/architecture.ts ${RUNTIME_VERSION}`);
  const moment = await momentOf(root);
  const version = `${manifest.version}-${revision}`;
  const tree = new Tree(join(scratch, "tree"));
  await addContent(tree, { root, architecture, cache: join(out, "cache"), scratch, moment });
  await tree.writeCompressed("usr/share/doc/spacegate/changelog.Debian.gz", debianChangelog(version, moment));
  const installedKiB = await tree.finish(EXECUTABLES, moment);
  const values = { VERSION: version, ARCHITECTURE: architecture.debian, MAINTAINER, INSTALLED_SIZE: String(installedKiB) };
  await addControl(tree, values, join(root, "systemd/debian"));
  const path = join(out, `spacegate_${version}_${architecture.debian}.deb`);
  const env = { SOURCE_DATE_EPOCH: String(moment.getTime() / 1000) };
  // The quickest of xz's levels: the default takes eight times as long to make it an eighth smaller.
  await tool("dpkg-deb", ["--root-owner-group", "-Zxz", "-z1", "--build", tree.directory, path], { env });
  return { path, bytes: (await stat(path)).size, installedKiB };
};

/** Builds one .deb. The same commit gives the same bytes. Throws an Error whose message says what to install or to correct. */
export const build = async (options: BuildOptions): Promise<Built> => {
  await mkdir(options.out, { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), "spacegate-package-"));
  try {
    return await buildIn(scratch, options);
  } finally {
    await rm(scratch, { recursive: true });
  }
};
