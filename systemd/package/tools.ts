import { execa } from "execa";
import { errnoOf, messageOf } from "../../agent/lib/errors.ts";

/** The programs that make a package, and the Debian packages that have them. */
const BROUGHT_BY: Readonly<Record<string, string>> = {
  "dpkg-deb": "dpkg",
  gzip: "gzip",
  npm: "npm",
  "x86_64-linux-gnu-strip": "binutils-x86-64-linux-gnu",
  "aarch64-linux-gnu-strip": "binutils-aarch64-linux-gnu",
};

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program that must exit with 0; its standard output. Throws an Error that names what to install, or what it said. */
export const tool = async (file: string, args: readonly string[], { cwd, env }: ToolOptions = {}): Promise<string> => {
  try {
    const options = { ...(cwd ? { cwd } : {}), env: { LC_ALL: "C.UTF-8", ...env }, maxBuffer: 100_000_000 };
    const { stdout } = await execa(file, args, options);
    return stdout;
  } catch (thrown) {
    const missing = errnoOf(thrown) === "ENOENT" ? BROUGHT_BY[file] : undefined;
    throw new Error(missing ? `${file} is missing: apt-get install ${missing}` : messageOf(thrown), { cause: thrown });
  }
};
