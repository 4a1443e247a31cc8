import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabError, waitUntil } from "../lab/check.ts";

const execute = promisify(execFile);

/**
 * What the package depends on, an init system, and ESP in charon for kernels that have none: as a gateway is before anybody
 * thought of spacegate.
 */
const PACKAGES = [
  ...["strongswan-starter", "strongswan-charon", "strongswan-swanctl", "iproute2", "iputils-ping", "nftables", "libstdc++6"],
  ...["systemd-sysv", "dbus", "libcharon-extra-plugins"],
];

const ENVIRONMENT = ["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"];

/** Makes the root directory of a new Debian; when it is given up, what is mounted there is taken away first. */
export const makeRoot = async (suite: string, root: string, signal: AbortSignal): Promise<void> => {
  const recommends = '--aptopt=APT::Install-Recommends "false"';
  const include = `--include=${PACKAGES.join(",")}`;
  await execute("mmdebstrap", ["--quiet", "--variant=minbase", "--mode=root", recommends, include, suite, root], { signal });
};

/**
 * A Debian of its own with systemd as its first process, in a container: units are confined in it as on a host. Its network is
 * that of whoever boots it, in the lab the gateway's.
 */
export class Machine {
  readonly root: string;
  #container: ChildProcess | undefined;
  #init = 0;

  constructor(root: string) {
    this.root = root;
  }

  async boot(): Promise<void> {
    const network = ["--network-namespace-path=/proc/self/ns/net", "--capability=CAP_NET_ADMIN", "--bind=/dev/net/tun"];
    const args = ["--quiet", "--register=no", "--keep-unit", ...network, "--console=pipe", "-b", "-D", this.root];
    // Its standard input stays open: the end of the console would be a power cut.
    // Without it the network's settings are read-only, as in a container that shares its host's network.
    const env = { ...process.env, SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network" };
    const container = spawn("systemd-nspawn", args, { env, stdio: ["pipe", "ignore", "ignore"] });
    this.#container = container;
    await waitUntil("the machine to boot", 60, async () => {
      if (container.exitCode !== null) throw new LabError(`systemd-nspawn ended with ${container.exitCode}`);
      const children = await readFile(`/proc/${container.pid}/task/${container.pid}/children`, "utf8").catch(() => "");
      this.#init = Number(children.trim().split(" ")[0]);
      const state = this.#init > 1 ? await this.run("systemctl", "is-system-running").catch((thrown) => String(thrown)) : "";
      return /^running$/m.test(state) ? { done: true, value: undefined } : { done: false, seen: state };
    });
  }

  /** Runs a program in the machine; what it printed, both streams. Rejects when it fails. */
  async run(...argv: readonly string[]): Promise<string> {
    const namespaces = ["-t", String(this.#init), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--"];
    const { stdout, stderr } = await execute("nsenter", [...namespaces, "env", ...ENVIRONMENT, ...argv], { timeout: 60_000 });
    return stdout + stderr;
  }

  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const file = join(this.root, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text, { mode });
  }

  read(path: string): Promise<string> {
    return readFile(join(this.root, path), "utf8");
  }

  async stop(): Promise<void> {
    const container = this.#container;
    if (!container || container.exitCode !== null) return;
    const ended = new Promise((resolve) => container.once("exit", resolve));
    await this.run("systemctl", "poweroff", "--force", "--force").catch(() => undefined);
    const timer = setTimeout(() => container.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  }
}
