import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf } from "../../agent/lib/errors.ts";
import { type RunOptions, run } from "./run.ts";

/** Debian's Packer does not know what this file says; a newer one needs it. See there. */
const PLUGINS = "plugins.pkr.hcl";
const CONSOLE_LINES = 20;
const DONE = "The artifacts of successful builds are:";

/** Copies the template, and what it brings along, to where Debian's Packer takes it. */
export const copyTemplate = async (packer: string, to: string): Promise<void> =>
  cp(packer, to, { recursive: true, filter: (path) => basename(path) !== PLUGINS });

export interface Job {
  /** The folder packer/. */
  readonly packer: string;
  readonly scratch: string;
  readonly base: string;
  readonly deb: string;
  readonly version: string;
  readonly commit: string;
  readonly accelerator: "kvm" | "tcg";
}

export interface Report {
  readonly system: string;
  readonly kernel: string;
  /** What the system takes on its disk. */
  readonly usedBytes: number;
  /** Name to version and installed size in KiB. */
  readonly packages: Readonly<Record<string, readonly [version: string, kib: number]>>;
}

export interface Outcome {
  readonly disk: string;
  readonly report: Report;
}

/** What lets Packer in, once: a key of its own, which cloud-init gives to root and clean.sh takes away. */
const makeSeed = async (scratch: string, options: RunOptions): Promise<{ readonly key: string; readonly files: string[] }> => {
  const key = join(scratch, "key");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "packer", "-f", key], options);
  const root = { name: "root", ssh_authorized_keys: [(await readFile(`${key}.pub`, "utf8")).trim()] };
  const files = [join(scratch, "user-data"), join(scratch, "meta-data")] as const;
  // JSON is YAML.
  await writeFile(files[0], `#cloud-config\n${JSON.stringify({ disable_root: false, locale: false, users: [root] })}\n`);
  await writeFile(files[1], "instance-id: build\n");
  return { key, files: [...files] };
};

/** Packer's own state and its check for newer versions stay out of the home directory and off the network. */
const environment = (scratch: string): Record<string, string> => ({
  CHECKPOINT_DISABLE: "1",
  PACKER_CACHE_DIR: join(scratch, "packer-cache"),
  PACKER_CONFIG_DIR: scratch,
  TMPDIR: scratch,
});

/** What the machine said last: Packer alone can only say that it did not come in. */
const withConsole = async (thrown: unknown, console: string): Promise<Error> => {
  const lines = (await readFile(console, "utf8").catch(() => "")).trim().split("\n").slice(-CONSOLE_LINES);
  return new Error(`${messageOf(thrown)}\nThe machine's console:\n${lines.join("\n")}`, { cause: thrown });
};

/** Runs the template's qemu source. Throws an Error that has Packer's last words, and the machine's. */
export const runPacker = async (job: Job, options: RunOptions): Promise<Outcome> => {
  const { scratch, base, deb, version, commit, accelerator } = job;
  const place = (name: string): string => join(scratch, name);
  const [template, output, report, console] = [place("template"), place("output"), place("report.json"), place("console")];
  await mkdir(template);
  await copyTemplate(job.packer, template);
  const { key, files } = await makeSeed(scratch, options);
  const variables = { deb, version, commit, accelerator, output, report, console, base_disk: base, ssh_key: key };
  const all = Object.entries({ ...variables, seed_files: JSON.stringify(files) });
  const args = ["build", "-color=false", "-only=qemu.gateway", ...all.flatMap(([name, value]) => ["-var", `${name}=${value}`])];
  try {
    const said = await run("packer", [...args, template], { ...options, cwd: scratch, env: environment(scratch) });
    // Packer's exit code says neither that it was killed nor that -only found nothing.
    if (!said.includes(DONE)) throw new Error("Packer ended without an image");
  } catch (thrown) {
    throw options.signal.aborted ? thrown : await withConsole(thrown, console);
  }
  return { disk: join(output, "spacegate-amd64.qcow2"), report: JSON.parse(await readFile(report, "utf8")) as Report };
};
