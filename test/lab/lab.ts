import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../agent/lib/clock.ts";
import { HTTP, prepareGateway, type RawSettings, STANDALONE, sampleSettings, startAgent, writeSettings } from "./agent.ts";
import { Box } from "./box.ts";
import { startByHand } from "./by-hand.ts";
import { check } from "./check.ts";
import type { CellOptions, Routing } from "./engines/engine.ts";
import type { Findings, TunnelReport } from "./events.ts";
import { Heroku } from "./heroku.ts";
import { PEER_CONN, startPeer } from "./peers.ts";
import { type PingSeries, PingWatch, ping } from "./ping.ts";
import { type Output, Processes, type Running } from "./processes.ts";
import { TUNNELS } from "./sample.ts";
import { CHARON_LOG, type IkeSa, listSas } from "./strongswan.ts";
import { buildTopology, cutLink } from "./topology.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface LabParts {
  readonly options: CellOptions;
  readonly logs: string;
  readonly processes: Processes;
  readonly gateway: Box;
  readonly peers: readonly [Box, Box];
  readonly heroku: Heroku;
  readonly progress: (text: string) => void;
}

/** What a scenario works with: the gateway, both VPN gateways, the networks behind them, and the stand-in for Heroku. */
export class Lab {
  readonly options: CellOptions;
  /** Directory of everything that was captured. */
  readonly logs: string;
  readonly processes: Processes;
  readonly gateway: Box;
  readonly peers: readonly [Box, Box];
  readonly heroku: Heroku;
  readonly findings: Findings = { notes: [] };
  /** What the agent gets of the environment beside the usual; scenarios put into it. */
  readonly environment: Record<string, string> = {};
  /** Tells the person who watches what happens now. */
  readonly progress: (text: string) => void;
  #agent: Running | undefined;

  protected constructor(parts: LabParts) {
    this.options = parts.options;
    this.logs = parts.logs;
    this.processes = parts.processes;
    this.gateway = parts.gateway;
    this.peers = parts.peers;
    this.heroku = parts.heroku;
    this.progress = parts.progress;
  }

  /** Builds the networks and starts both VPN gateways. `work`: an empty directory that dies with the cell. */
  static async build(work: string, logs: string, options: CellOptions, progress: (text: string) => void): Promise<Lab> {
    mkdirSync(logs, { recursive: true });
    const temporary = join(work, "tmp");
    mkdirSync(temporary, { recursive: true });
    const processes = new Processes(logs, temporary);
    progress("joining six network namespaces");
    await buildTopology(processes);
    const box = (name: "gw" | "vgw1" | "vgw2") => Box.create(name, work, processes);
    const [gateway, vgw1, vgw2] = await Promise.all([box("gw"), box("vgw1"), box("vgw2")]);
    progress("starting strongSwan in both VPN gateways");
    await Promise.all(
      [vgw1, vgw2].map((peer, index) => startPeer(peer, TUNNELS[index === 0 ? 0 : 1], options.engine, processes)),
    );
    const heroku = new Heroku(join(work, "heroku.json"), processes);
    return new Lab({ options, logs, processes, gateway, peers: [vgw1, vgw2], heroku, progress });
  }

  /** What this engine's kernel side can do. */
  get routing(): Routing {
    return this.options.engine === "libipsec" ? "policy" : "vti";
  }

  /** So many tunnels should be up at a time. */
  get wantedTunnels(): number {
    return this.routing === "vti" ? 2 : 1;
  }

  /** Seconds in which an agent that was killed is there again, has looked at everything, and has proof enough to move traffic. */
  get agentBackWithin(): number {
    return 20;
  }

  startByHand(): Promise<void> {
    return startByHand(this.gateway, this.options.engine, this.routing, this.processes);
  }

  /** Starts the agent, with the sample's settings as `change` alters them; restarting it leaves the host as it is. */
  async startAgent(change: (settings: RawSettings) => RawSettings = (settings) => settings): Promise<Running> {
    await prepareGateway(this.gateway, this.options);
    await this.writeSettings(change);
    return this.restartAgent();
  }

  /** Starts the agent again, with everything as it lies there; with other options than that strongSwan is its to start. */
  restartAgent(...more: readonly string[]): Running {
    const options = more.length > 0 ? more : [STANDALONE];
    this.#agent = startAgent(this.gateway, this.processes, this.heroku, this.options, options, this.environment);
    return this.#agent;
  }

  /** The agent that was started last. */
  get agent(): Running {
    check(this.#agent !== undefined, "the agent has not been started");
    return this.#agent;
  }

  /** Throws when the agent has ended, with what it said: waiting for it would be in vain. */
  checkAgentRuns(): void {
    const code = this.#agent?.exitCode();
    check(code === undefined, `the agent has ended (${code}):\n${this.#agent?.output()}`);
  }

  /** Writes the settings file anew. */
  writeSettings(change: (settings: RawSettings) => RawSettings): Promise<void> {
    const sample = sampleSettings(this.options.source, this.routing);
    // User-mode Linux has no nf_tables.
    const own = this.options.engine === "uml" ? { ...sample, firewall: { manage: false } } : sample;
    return writeSettings(this.gateway, change(own));
  }

  /** Runs a command in the gateway. */
  inGateway(argv: readonly string[], mayFail = false): Promise<Output> {
    return this.processes.run(this.gateway.inside(argv), { mayFail });
  }

  sas(): Promise<IkeSa[]> {
    return listSas(this.gateway, this.processes);
  }

  /** Both tunnels as charon sees them. */
  async tunnelsFromCharon(): Promise<TunnelReport[]> {
    const sas = await this.sas();
    return TUNNELS.map(({ index, address }) => {
      const own = sas.filter((sa) => sa.remote === address);
      const child = own.flatMap((sa) => sa.children).map(({ state }) => state);
      return {
        index,
        address,
        ike: own.find(({ state }) => state === "ESTABLISHED")?.state ?? own[0]?.state ?? "NONE",
        child: child.find((state) => state === "INSTALLED") ?? child[0] ?? "NONE",
        passing: null,
        carrier: null,
      };
    });
  }

  /** charon's log in the gateway, from its first start on. */
  charonLog(): Promise<string> {
    return this.gateway.read(CHARON_LOG);
  }

  /** Pings from the LAN to the dyno. */
  ping(count: number): Promise<PingSeries> {
    return ping(this.processes, count);
  }

  /** A series of pings that runs until it is stopped. */
  watchPings(intervalSeconds?: number): PingWatch {
    return new PingWatch(this.processes, intervalSeconds);
  }

  /** Drops everything between the gateway and one VPN gateway, silently. */
  cut(tunnel: 1 | 2): Promise<void> {
    return cutLink(this.processes, tunnel, true);
  }

  restore(tunnel: 1 | 2): Promise<void> {
    return cutLink(this.processes, tunnel, false);
  }

  peer(tunnel: 1 | 2): Box {
    return this.peers[tunnel === 1 ? 0 : 1];
  }

  /** Lets the VPN gateway delete its SAs, as it does for maintenance. */
  async deleteFromPeer(tunnel: 1 | 2): Promise<void> {
    await this.processes.run(this.peer(tunnel).inside(["ipsec", "down", PEER_CONN]));
  }

  /** GET from the agent, over the gateway's loopback; undefined while nothing listens. */
  async http(path: string): Promise<HttpAnswer | undefined> {
    try {
      const response = await fetch(`${HTTP}${path}`, { signal: AbortSignal.timeout(5000) });
      const answer = { status: response.status, body: await response.text() };
      this.processes.keep("http", `GET ${path}\n${answer.status}\n${answer.body}\n`);
      return answer;
    } catch {
      return undefined;
    }
  }

  sleep(seconds: number): Promise<void> {
    return systemClock.sleep(seconds * 1000);
  }
}
