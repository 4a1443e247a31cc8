import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "../../agent/lib/clock.ts";
import { architectureOf } from "../../systemd/package/architecture.ts";
import { build } from "../../systemd/package/build.ts";
import { acceleratorOf } from "./accelerator.ts";
import { baseDisk, type Suite } from "./base.ts";
import { moveTo } from "./move.ts";
import { type Report, runPacker } from "./packer.ts";
import { type RunOptions, run } from "./run.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NAME = "spacegate-amd64";

export interface ImageOptions {
  /** The package; without it, it is built of this repository. */
  readonly deb?: string;
  /** Where the image goes, and where the base is kept. Default: .image in this repository. */
  readonly out?: string;
  /** Default: bookworm. */
  readonly suite?: Suite;
  /** Ends the build, and leaves nothing of it behind. */
  readonly signal?: AbortSignal;
  /** Gets a line for each thing that begins, and Packer's own. */
  readonly say?: (line: string) => void;
}

/** What is known of an image; the same is beside it as JSON. */
export interface Image extends Report {
  /** The disk: qcow2, compressed. */
  readonly path: string;
  readonly suite: Suite;
  readonly version: string;
  readonly commit: string;
  readonly accelerator: "kvm" | "tcg";
  readonly bytes: number;
  readonly seconds: { readonly package: number; readonly base: number; readonly packer: number; readonly total: number };
}

class Watch {
  readonly #clock: Clock;
  readonly #begun: number;
  readonly taken: Record<string, number> = {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begun = clock.monotonic();
  }

  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begun = this.#clock.monotonic();
    const result = await work();
    this.taken[name] = Math.round((this.#clock.monotonic() - begun) / 1000);
    return result;
  }

  total(): number {
    return Math.round((this.#clock.monotonic() - this.#begun) / 1000);
  }
}

const commitOf = async (signal: AbortSignal): Promise<string> =>
  (await run("git", ["rev-parse", "HEAD"], { signal, cwd: ROOT })).trim();

const packageOf = async ({ deb }: ImageOptions): Promise<string> =>
  deb === undefined
    ? (await build({ root: ROOT, architecture: architectureOf("amd64"), revision: "1", out: join(ROOT, ".package") })).path
    : resolve(deb);

const versionOf = async (deb: string, options: RunOptions): Promise<string> =>
  (await run("dpkg-deb", ["--field", deb, "Version"], options)).trim();

interface Paths {
  readonly out: string;
  readonly scratch: string;
}

const buildIn = async ({ out, scratch }: Paths, options: ImageOptions, signal: AbortSignal): Promise<Image> => {
  const { suite = "bookworm", say = () => undefined } = options;
  const watch = new Watch(systemClock);
  say("the package");
  const deb = await watch.time("package", () => packageOf(options));
  say(`the base disk, Debian ${suite}`);
  const base = await watch.time("base", () => baseDisk(suite, join(out, "cache"), scratch, { signal }));
  const [version, commit, accelerator] = [await versionOf(deb, { signal }), await commitOf(signal), await acceleratorOf(signal)];
  say(`Packer, ${accelerator}`);
  const job = { packer: join(ROOT, "packer"), scratch, base, deb, version, commit, accelerator };
  const { disk, report } = await watch.time("packer", () => runPacker(job, { signal, onLine: say }));
  const path = join(out, `${NAME}.qcow2`);
  await moveTo(disk, path);
  const { bytes, seconds } = {
    bytes: (await stat(path)).size,
    seconds: { ...watch.taken, total: watch.total() } as Image["seconds"],
  };
  const image = { path, suite, version, commit, accelerator, bytes, seconds, ...report };
  await writeFile(join(out, `${NAME}.json`), `${JSON.stringify(image, undefined, 1)}\n`);
  return image;
};

/**
 * Builds the image that runs under QEMU: base disk, package, Packer. Throws an Error whose message says what to install or to
 * correct, or has the last words of the program that failed.
 */
export const buildImage = async (options: ImageOptions = {}): Promise<Image> => {
  const out = resolve(options.out ?? join(ROOT, ".image"));
  await mkdir(out, { recursive: true });
  // Never inside the repository: the base's tree has links to everywhere, which whoever looks through all files would follow.
  const scratch = await mkdtemp(join(tmpdir(), "spacegate-image-"));
  try {
    return await buildIn({ out, scratch }, options, options.signal ?? new AbortController().signal);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};
