import { type ChildProcess, spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { inlineCode, TEMPLATE_PATH } from "../template.ts";

/** Where the name server of these tests listens: a loopback address of its own, for resolv.conf knows no ports. */
const NAME_SERVER = "127.0.0.77";

/** A real dnsmasq that answers for one name. */
export class NameServer {
  readonly #hosts: string;
  readonly #name: string;
  #process: ChildProcess | undefined;

  constructor(directory: string, name: string) {
    this.#hosts = join(directory, "hosts");
    this.#name = name;
  }

  async start(addresses: readonly string[]): Promise<void> {
    await this.#write(addresses);
    const options = [
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--no-resolv",
      "--no-hosts",
      "--bind-interfaces",
      "--pid-file=",
    ];
    const own = [`--listen-address=${NAME_SERVER}`, "--port=53", "--user=root", "--local-ttl=0", `--addn-hosts=${this.#hosts}`];
    this.#process = spawn("dnsmasq", [...options, ...own, `--local=/${this.#name}/`], { stdio: "ignore" });
    await this.#untilAnswered(addresses);
  }

  /** From now on the name leads there. */
  async lead(addresses: readonly string[]): Promise<void> {
    await this.#write(addresses);
    this.#process?.kill("SIGHUP");
    await this.#untilAnswered(addresses);
  }

  async stop(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (!process || process.exitCode !== null) return;
    const ended = once(process, "exit");
    process.kill("SIGTERM");
    await ended;
  }

  #write(addresses: readonly string[]): Promise<void> {
    return writeFile(this.#hosts, addresses.map((address) => `${address} ${this.#name}\n`).join(""));
  }

  async #untilAnswered(addresses: readonly string[]): Promise<void> {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([NAME_SERVER]);
    const wanted = [...addresses].sort().join();
    for (let tries = 0; tries < 100; tries++) {
      const found = await resolver.resolve4(this.#name).catch(() => []);
      if (found.sort().join() === wanted) return;
      await sleep(50);
    }
    throw new Error(`dnsmasq does not answer ${wanted} for ${this.#name}: is dnsmasq-base installed?`);
  }
}

export interface Ran {
  readonly exitCode: number | null;
  /** The function's log. */
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
}

const NODE_MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

/** The function as Lambda has it: the template's own code as index.js, in a process of its own, with the VPC's resolver. */
export class Lambda {
  readonly #directory: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(directory: string, env: Readonly<Record<string, string>>) {
    this.#directory = join(directory, "function");
    this.#env = env;
  }

  async deploy(): Promise<void> {
    await mkdir(this.#directory);
    await writeFile(join(this.#directory, "index.js"), inlineCode(await readFile(TEMPLATE_PATH, "utf8")));
    await writeFile(join(this.#directory, "resolv.conf"), `nameserver ${NAME_SERVER}\n`);
    await symlink(NODE_MODULES, join(this.#directory, "node_modules"));
  }

  /** Resolves when the invocation has ended. Only this process sees the other resolv.conf. */
  async invoke(event: object): Promise<Ran> {
    const call = `require("./index.js").handler(${JSON.stringify(event)}).catch((error) => { console.error(error); process.exitCode = 1; })`;
    const script = `mount --bind resolv.conf /etc/resolv.conf && exec "${process.execPath}" -e '${call}'`;
    const child = spawn("unshare", ["--mount", "sh", "-c", script], {
      cwd: this.#directory,
      env: { PATH: process.env.PATH, ...this.#env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (child.exitCode === null) await once(child, "exit");
    const lines = stdout
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return { exitCode: child.exitCode, lines, stderr };
  }
}
