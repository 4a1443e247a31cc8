import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { RawSettings } from "../lab/agent.ts";
import { Box } from "../lab/box.ts";
import type { CellOptions, Routing } from "../lab/engines/engine.ts";
import { type HttpAnswer, Lab, type LabParts } from "../lab/lab.ts";
import { startPeer } from "../lab/peers.ts";
import { Processes, type Running } from "../lab/processes.ts";
import { TUNNELS } from "../lab/sample.ts";
import { buildTopology } from "../lab/topology.ts";
import { JOURNAL, serviceOf } from "./gateway-agent.ts";
import { GatewayBox } from "./gateway-box.ts";
import { ReachableHeroku } from "./heroku.ts";
import { VirtualMachine } from "./machine.ts";
import { buildTaps } from "./networks.ts";
import type { ImageOptions } from "./options.ts";
import { makeSeed, SETTINGS } from "./seed.ts";

const CONFIG = "/etc/spacegate/config.yaml";

// The kernel in the machine does ESP and has VTI; what the lab says of an engine is what is true there.
const LAB: CellOptions = {
  ...{ engine: "native", source: "platform-api", keep: false, logs: false, herokuBin: "" },
  ...{ registry: "", parameters: {} },
};

const makeKey = async (work: string, processes: Processes): Promise<string> => {
  await processes.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "image-test", "-f", join(work, "key")]);
  return (await processes.run(["cat", join(work, "key.pub")])).stdout.trim();
};

/** The lab with a booted image in the place of its gateway. */
export class ImageLab extends Lab {
  readonly machine: VirtualMachine;
  readonly image: ImageOptions;
  #service: Running | undefined;

  private constructor(parts: LabParts, machine: VirtualMachine, image: ImageOptions) {
    super(parts);
    this.machine = machine;
    this.image = image;
  }

  /** Builds the networks, starts both VPN gateways and the stand-in for Heroku, and leaves the machine off. */
  static async make(work: string, logs: string, image: ImageOptions, progress: (text: string) => void): Promise<ImageLab> {
    const temporary = join(work, "tmp");
    for (const directory of [logs, temporary]) mkdirSync(directory, { recursive: true });
    const processes = new Processes(logs, temporary);
    progress("joining the lab's networks with the machine's cards");
    await buildTopology(processes);
    await buildTaps(processes);
    const peers = await Promise.all([Box.create("vgw1", work, processes), Box.create("vgw2", work, processes)] as const);
    // This machine's kernel may have no ESP, so at their end charon does it itself. The gateway's end is its kernel's.
    await Promise.all(peers.map((peer, index) => startPeer(peer, TUNNELS[index === 0 ? 0 : 1], "libipsec", processes)));
    const heroku = new ReachableHeroku(join(work, "heroku.json"), processes);
    await heroku.start();
    const seed = await makeSeed(work, await makeKey(work, processes), processes);
    const gateway = new GatewayBox(work, processes);
    const machine = new VirtualMachine(gateway, { system: image.disk, seed }, image.accelerator, processes);
    return new ImageLab({ options: LAB, logs, processes, gateway, peers, heroku, progress }, machine, image);
  }

  override get routing(): Routing {
    return "vti";
  }

  /** Emulated, Node takes twenty times as long to start. */
  override get agentBackWithin(): number {
    return 60;
  }

  /** Asks no more often than a slow machine can answer beside its own work. */
  override async http(path: string): Promise<HttpAnswer | undefined> {
    await this.sleep(0.2);
    return super.http(path);
  }

  /** To be called after each boot: follows the agent's journal. */
  follow(): void {
    const journal = this.processes.start("agent", this.gateway.inside([...JOURNAL, "--follow"]));
    this.#service = serviceOf(this.machine, journal);
  }

  /** The machine off and on again, with the same disk. */
  async reboot(): Promise<void> {
    await this.machine.powerOff();
    await this.machine.start();
    this.follow();
  }

  /** The service runs from the boot on, with settings that suit every scenario. */
  override async startAgent(): Promise<Running> {
    await this.restoreSettings();
    return this.agent;
  }

  /** systemd has done it already. */
  override restartAgent(): Running {
    return this.agent;
  }

  override get agent(): Running {
    if (this.#service === undefined) this.follow();
    return this.#service as Running;
  }

  override checkAgentRuns(): void {}

  override writeSettings(change: (settings: RawSettings) => RawSettings): Promise<void> {
    return this.gateway.write(CONFIG, stringify(change(SETTINGS)));
  }

  /** Leaves a file alone that is as it should be: the agent looks at every change. */
  async restoreSettings(): Promise<void> {
    if ((await this.gateway.read(CONFIG)) !== stringify(SETTINGS)) await this.writeSettings((settings) => settings);
  }
}
