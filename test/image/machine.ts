import { systemClock } from "../../agent/lib/clock.ts";
import { check, waitUntil } from "../lab/check.ts";
import type { Processes, Running } from "../lab/processes.ts";
import type { GatewayBox } from "./gateway-box.ts";
import { CARDS, tapOf } from "./networks.ts";

/** In seconds; a machine without KVM shares its processors with everything else. */
const BOOT = 600;

const AGENT_PORT = 9747;

export interface Disks {
  readonly system: string;
  readonly seed: string;
}

const nic = (card: (typeof CARDS)[number]): string[] => [
  ...["-netdev", `tap,id=${card.name},ifname=${tapOf(card)},script=no,downscript=no`],
  ...["-device", `virtio-net-pci,netdev=${card.name},mac=${card.mac},romfile=`],
];

const command = (accelerator: "kvm" | "tcg", { system, seed }: Disks): string[] => [
  // One processor: with two, emulated, systemd saw the end of mount before the mount itself, and gave up.
  ...["qemu-system-x86_64", "-accel", accelerator, "-cpu", "max"],
  ...["-m", "1024", "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot"],
  ...["-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng"],
  ...["-drive", `file=${system},format=raw,if=virtio,cache=unsafe,discard=unmap`],
  ...["-drive", `file=${seed},format=raw,if=virtio,readonly=on`],
  ...CARDS.flatMap(nic),
];

/** A booted image, with its cards in the lab's networks. */
export class VirtualMachine {
  readonly box: GatewayBox;
  readonly #processes: Processes;
  readonly #command: readonly string[];
  #qemu: Running | undefined;
  #ssh: Running | undefined;
  #poweredOnAt = 0;
  #powerOns = 0;

  constructor(box: GatewayBox, disks: Disks, accelerator: "kvm" | "tcg", processes: Processes) {
    this.box = box;
    this.#processes = processes;
    this.#command = command(accelerator, disks);
  }

  /** How often it has been switched on. */
  get powerOns(): number {
    return this.#powerOns;
  }

  /** Power-on; resolves when root can come in. */
  async start(): Promise<void> {
    this.#powerOns += 1;
    this.#poweredOnAt = systemClock.monotonic();
    this.#qemu = this.#processes.start("qemu", this.#command);
    await this.untilReachable();
  }

  async untilReachable(): Promise<void> {
    await waitUntil("the machine to let root in", BOOT, () => this.#look(), 2000);
  }

  /** The power button, and the end of it: the machine is off. */
  async powerOff(): Promise<void> {
    const qemu = this.#qemu;
    await this.run("systemctl", "poweroff").catch(() => undefined);
    await waitUntil("the machine to be off", BOOT, () => {
      const off = qemu?.exitCode() !== undefined;
      return off ? { done: true, value: undefined } : { done: false, seen: qemu?.output().slice(-200) ?? "" };
    });
    await this.#ssh?.stop();
  }

  /** What a command printed, trimmed. Throws when it fails. */
  async run(...argv: readonly string[]): Promise<string> {
    const { stdout } = await this.#processes.run(this.box.inside(argv), { timeoutSeconds: BOOT });
    return stdout.trim();
  }

  /** The same for a line of shell. */
  shell(script: string, input = ""): Promise<string> {
    const run = this.#processes.run(this.box.inside(["sh", "-c", script]), { input, timeoutSeconds: BOOT });
    return run.then(({ stdout }) => stdout.trim());
  }

  /** Seconds from power-on to the start of the kernel, from which everything inside counts. */
  async firmwareSeconds(): Promise<number> {
    const uptime = Number((await this.run("cat", "/proc/uptime")).split(" ")[0]);
    return (systemClock.monotonic() - this.#poweredOnAt) / 1000 - uptime;
  }

  async #look() {
    const { output, exitCode } = this.#qemu ?? {};
    check(exitCode?.() === undefined, `qemu has ended: ${output?.().slice(-1000)}`);
    if (this.#ssh === undefined || this.#ssh.exitCode() !== undefined)
      this.#ssh = this.#processes.start("ssh", this.box.holding(AGENT_PORT));
    const { code } = await this.#processes.run(this.box.asking(), { mayFail: true });
    if (code === 0) return { done: true, value: undefined } as const;
    return { done: false, seen: output?.().trimEnd().split("\n").at(-1) ?? "nothing" } as const;
  }
}
