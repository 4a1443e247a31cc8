import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { commandLine } from "../../../agent/lib/command-line.ts";
import type { LinkProof } from "../../../agent/model/privatelink.ts";
import type { ProofTarget } from "../../../agent/privatelink/observe/prove.ts";
import type { Policy } from "../../aws/iam.ts";
import { agentEnvironment, programCommand } from "../agent.ts";
import { waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import type { Output } from "../processes.ts";
import { Cloud } from "./cloud.ts";
import { KVS, POSTGRES, VPC } from "./sample.ts";
import { buildVpc, NameServer } from "./vpc.ts";

const WORK = "/run/lab/far-ends";
const PROVE = join(import.meta.dirname, "prove.ts");

/** Waiting commands ask quickly here. */
const PATIENCE = ["--poll", "300ms", "--timeout", "30s"];

export interface ConnectionUrl {
  /** Of the config var. */
  readonly name: string;
  readonly url: URL;
}

/** What a PrivateLink needs around the lab: a VPC with its resolver, AWS, and an app of Heroku's with data services. */
export class Room {
  readonly cloud: Cloud;
  /** Where far ends have their files; gone with the cell, and not among what is captured. */
  readonly directory = WORK;
  readonly #lab: Lab;

  private constructor(lab: Lab, cloud: Cloud) {
    this.#lab = lab;
    this.cloud = cloud;
  }

  /** AWS allows what `spacegate privatelink policy` prints, and nothing else. */
  static async open(lab: Lab): Promise<Room> {
    lab.progress("a VPC with its resolver, AWS, and an app with data services at Heroku");
    mkdirSync(WORK, { recursive: true });
    lab.heroku.update((state) => ({ ...state, addons: [KVS, POSTGRES] }));
    await Promise.all([buildVpc(lab.processes), lab.heroku.start()]);
    const names = await NameServer.start(WORK, lab.gateway, lab.processes);
    const cloud = await Cloud.start(lab.heroku, names);
    Object.assign(lab.environment, cloud.environment, { HEROKU_DATA_HOST: lab.heroku.url });
    const room = new Room(lab, cloud);
    const { stdout } = await room.spacegate("policy", "--account", VPC.account, "--region", VPC.region, "--vpc", VPC.id);
    cloud.aws.world.policy = JSON.parse(stdout) as Policy;
    return room;
  }

  get environment(): Record<string, string> {
    return { ...agentEnvironment(this.#lab.heroku, this.#lab.options), ...this.#lab.environment };
  }

  /** `spacegate privatelink VERB …`, in the gateway. */
  spacegate(...words: readonly string[]): Promise<Output> {
    return this.inGateway(programCommand("privatelink", ...words));
  }

  /** One command after another, each only when the one before has succeeded. */
  chain(...commands: readonly (readonly string[])[]): Promise<Output> {
    const lines = commands.map((words) => commandLine(programCommand("privatelink", ...words, ...PATIENCE)));
    return this.inGateway(["sh", "-c", lines.join(" && ")]);
  }

  inGateway(argv: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Output> {
    return this.#lab.processes.run(this.#lab.gateway.inside(argv), { env: { ...this.environment, ...more } });
  }

  /** The connection string that `info --show-url` prints, and its config var's name. Its way leads past what is captured. */
  async connectionUrl(addon: string): Promise<ConnectionUrl> {
    const file = "/run/home/urls";
    const command = commandLine(programCommand("privatelink", "info", addon, "--app", KVS.app, "--show-url", "--json"));
    await this.inGateway(["sh", "-c", `umask 077; ${command} >${file}`]);
    const text = readFileSync(this.#lab.gateway.path(file), "utf8");
    rmSync(this.#lab.gateway.path(file));
    const [first] = (JSON.parse(text) as { readonly connection_urls: readonly { name: string; url: string }[] }).connection_urls;
    return { name: first?.name ?? "", url: new URL(first?.url ?? "none:") };
  }

  /** Gives the gateway a far end's CA, as its owner gives it to clients; resolves to the file there. */
  async trust(authority: string): Promise<string> {
    const inside = `/etc/ssl/${basename(dirname(authority))}.crt`;
    await this.#lab.gateway.write(inside, readFileSync(authority, "utf8"));
    return inside;
  }

  /** The agent's own proof of life, in the gateway. */
  async prove(target: ProofTarget, password?: string): Promise<LinkProof> {
    const login = password === undefined ? {} : { LINK_PASSWORD: password };
    const { stdout } = await this.inGateway([process.execPath, PROVE, JSON.stringify(target)], login);
    return JSON.parse(stdout) as LinkProof;
  }

  /** Proves until the proof `holds`: a name takes a moment to be known. */
  untilProven(what: string, target: ProofTarget, holds: (proof: LinkProof) => boolean): Promise<LinkProof> {
    return waitUntil(`a proof that ${what}`, 15, async () => {
      const proof = await this.prove(target);
      return holds(proof) ? { done: true, value: proof } : { done: false, seen: JSON.stringify(proof) };
    });
  }
}
