import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { check, waitUntil } from "./check.ts";
import type { Processes, Running } from "./processes.ts";
import { SAMPLE, TUNNELS } from "./sample.ts";
import type { StandInState, WireObject } from "./stand-in/state.ts";

const PORT = 5055;

const SAMPLE_KEY = `${SAMPLE.space}/${SAMPLE.connection}`;

/** The documented sample connection as the Platform API describes it: active, both tunnels UP. */
export const sampleConnection = (): WireObject => ({
  id: "123456789012",
  ike_version: 1,
  name: SAMPLE.connection,
  public_ip: SAMPLE.gateway,
  routable_cidrs: [SAMPLE.localSubnet],
  space_cidr_block: SAMPLE.spaceCidr,
  status: "active",
  status_message: "",
  tunnels: TUNNELS.map(({ address, psk }) => ({
    customer_ip: SAMPLE.gateway,
    ip: address,
    last_status_change: "2016-10-25T22:09:05Z",
    pre_shared_key: psk,
    status: "UP",
    status_message: "",
  })),
});

const sampleState = (): StandInState => ({
  token: SAMPLE.token,
  connections: { [SAMPLE_KEY]: sampleConnection() },
  fault: null,
});

/** The stand-in for Heroku's Platform API, on the gateway's loopback. */
export class Heroku {
  readonly url = `http://127.0.0.1:${PORT}`;
  readonly #file: string;
  readonly #processes: Processes;
  #running: Running | undefined;

  /** `file`: where the state is kept; it holds PSKs, so it must not lie among the captured output. */
  constructor(file: string, processes: Processes) {
    this.#file = file;
    this.#processes = processes;
  }

  /** What is served now. */
  state(): StandInState {
    return existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, "utf8")) as StandInState) : sampleState();
  }

  /** Changes what is served from the next request on: `heroku.update((state) => ({ ...state, fault: { kind: "html" } }))`. */
  update(change: (state: StandInState) => StandInState): void {
    // Renamed into place: a request never sees half a file.
    writeFileSync(`${this.#file}.new`, JSON.stringify(change(this.state())), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** Changes the sample connection as Heroku tells it: `heroku.updateConnection((office) => ({ ...office, status: "failed" }))`. */
  updateConnection(change: (connection: WireObject) => WireObject): void {
    this.update((state) => {
      const connection = state.connections[SAMPLE_KEY] ?? sampleConnection();
      return { ...state, connections: { ...state.connections, [SAMPLE_KEY]: change(connection) } };
    });
  }

  /** Changes one of its tunnels: `heroku.updateTunnel(2, { ip: "34.227.70.200" })`. */
  updateTunnel(index: 1 | 2, more: WireObject): void {
    this.updateConnection((connection) => ({
      ...connection,
      tunnels: (connection.tunnels as readonly WireObject[]).map((tunnel, place) =>
        place === index - 1 ? { ...tunnel, ...more } : tunnel,
      ),
    }));
  }

  /** Does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#running && this.#running.exitCode() === undefined) return;
    this.update((state) => state);
    const argv = [process.execPath, "test/lab/stand-in/main.ts", "--port", String(PORT), "--state", this.#file];
    const running = this.#processes.start("heroku", argv);
    this.#running = running;
    await waitUntil("the stand-in Platform API to listen", 30, () => {
      check(running.exitCode() === undefined, `the stand-in Platform API has ended: ${running.output()}`);
      return running.output().includes(this.url) ? { done: true, value: undefined } : { done: false, seen: "nothing printed" };
    });
  }

  /** The source is away: connections are refused until `start`. */
  async stop(): Promise<void> {
    await this.#running?.stop("SIGKILL");
  }
}
