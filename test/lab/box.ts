import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { check, waitUntil } from "./check.ts";
import type { Processes } from "./processes.ts";
import { inNamespace, type Namespace } from "./topology.ts";

/** What a program of a gateway wants to find in /etc; a whole copy would bring the machine's own secrets along. */
const ETC = [
  "alternatives",
  "group",
  "hosts",
  "ipsec.conf",
  "ipsec.d",
  "ipsec.secrets",
  "iproute2",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "nsswitch.conf",
  "passwd",
  "protocols",
  "services",
  "ssl/openssl.cnf",
  "strongswan.conf",
  "strongswan.d",
];

// Whole directories are mounted, never single files: those are replaced by renames, which a mounted file would not see.
const HOLD = `
mkdir -p "$1/etc" "$1/lib" "$1/run/home"
cd /etc
for entry in ${ETC.join(" ")}; do
  [ ! -e "$entry" ] || cp -a --parents "$entry" "$1/etc"
done
mount --bind "$1/etc" /etc
mount --bind "$1/lib" /var/lib
mount --bind "$1/run" /run
echo ready
exec sleep infinity`;

/** A host of the lab: a network namespace with an /etc, /run and /var/lib of its own. */
export class Box {
  readonly name: Namespace;
  readonly #directory: string;
  readonly #holder: number;

  protected constructor(name: Namespace, directory: string, holder: number) {
    this.name = name;
    this.#directory = directory;
    this.#holder = holder;
  }

  /** `work`: the directory in which the box's files live. */
  static async create(name: Namespace, work: string, processes: Processes): Promise<Box> {
    const directory = join(work, name);
    const unshare = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", HOLD, "box", directory];
    const holder = processes.start(`${name}-mounts`, inNamespace(name, unshare));
    await waitUntil(`the mounts of ${name}`, 20, () => {
      check(holder.exitCode() === undefined, `the mounts of ${name} failed: ${holder.output()}`);
      return holder.output().includes("ready") ? { done: true, value: undefined } : { done: false, seen: "not mounted" };
    });
    return new Box(name, directory, holder.pid);
  }

  /** The command that runs `argv` inside, given to whoever starts processes. */
  inside(argv: readonly string[]): string[] {
    return ["nsenter", "-t", String(this.#holder), "--mount", "--net", ...argv];
  }

  /** Where a file of the box ("/etc/ipsec.conf") lies as the lab program sees it; only /etc, /run and /var/lib have one. */
  path(inside: string): string {
    return join(this.#directory, inside.replace(/^\/var\/lib(?=\/|$)/, "/lib"));
  }

  async write(inside: string, text: string, mode = 0o644): Promise<void> {
    await mkdir(dirname(this.path(inside)), { recursive: true });
    await writeFile(this.path(inside), text, { mode });
  }

  /** The text of one of the box's files, "" when there is none. */
  async read(inside: string): Promise<string> {
    return existsSync(this.path(inside)) ? readFile(this.path(inside), "utf8") : "";
  }
}
