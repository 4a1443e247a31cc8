import { join } from "node:path";
import { Box } from "../lab/box.ts";
import { LabError } from "../lab/check.ts";
import type { Processes } from "../lab/processes.ts";
import { MANAGEMENT } from "./networks.ts";

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The gateway when it is a machine of its own: it is entered through SSH, over one connection that stays open. */
export class GatewayBox extends Box {
  readonly #ssh: readonly string[];
  readonly #processes: Processes;

  /** `work`: a directory with the private key `key`. */
  constructor(work: string, processes: Processes) {
    super("gw", "", 0);
    this.#processes = processes;
    const options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
    const control = [`ControlPath=${join(work, "ssh")}`, "ConnectTimeout=60", "ServerAliveInterval=10", "ServerAliveCountMax=6"];
    const settings = [...options, ...control].flatMap((option) => ["-o", option]);
    this.#ssh = ["ssh", "-F", "none", "-i", join(work, "key"), ...settings];
  }

  /** The command that holds the connection open, and hands what listens on the machine's loopback out to this one's. */
  holding(port: number): string[] {
    const forward = `127.0.0.1:${port}:127.0.0.1:${port}`;
    return [...this.#ssh, "-o", "ControlMaster=yes", "-N", "-L", forward, `root@${MANAGEMENT.machine}`];
  }

  /** The command that fails unless the connection is open. */
  asking(): string[] {
    return [...this.#ssh, "-O", "check", MANAGEMENT.machine];
  }

  override inside(argv: readonly string[]): string[] {
    return [...this.#ssh, `root@${MANAGEMENT.machine}`, argv.map(quote).join(" ")];
  }

  override path(inside: string): string {
    throw new LabError(`${inside} of the machine cannot be seen from outside`);
  }

  override async write(inside: string, text: string, mode = 0o644): Promise<void> {
    const script = `umask 077 && cat >"$0.new" && chmod ${mode.toString(8)} "$0.new" && mv "$0.new" "$0"`;
    await this.#processes.run(this.inside(["sh", "-c", script, inside]), { input: text });
  }

  override async read(inside: string): Promise<string> {
    const { stdout } = await this.#processes.run(this.inside(["cat", inside]), { mayFail: true });
    return stdout;
  }
}
