import { renameSync, writeFileSync } from "node:fs";
import { systemClock } from "../../agent/lib/clock.ts";
import { waitUntil } from "./check.ts";
import type { Processes, Running } from "./processes.ts";
import { SAMPLE, TUNNELS } from "./sample.ts";

/** A VPN connection as the Platform API describes it. */
export interface ApiConnection {
  readonly [field: string]: unknown;
  readonly name: string;
  readonly tunnels: readonly Readonly<Record<string, unknown>>[];
}

/** What the stand-in Platform API serves; it reads the file anew at each request. */
export interface StandInState {
  readonly token: string;
  /** By "space/name". */
  readonly connections: Readonly<Record<string, ApiConnection>>;
  /** What goes wrong with every request, as test/lab/stand-in names it; null when nothing does. */
  readonly fault: unknown;
}

const PORT = 5055;

/** The documented sample connection, active, both tunnels UP. */
export const sampleConnection = (): ApiConnection => ({
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

export const sampleState = (): StandInState => ({
  token: SAMPLE.token,
  connections: { [`${SAMPLE.space}/${SAMPLE.connection}`]: sampleConnection() },
  fault: null,
});

/** The stand-in for Heroku's Platform API, on the gateway's loopback. */
export class Heroku {
  readonly url = `http://127.0.0.1:${PORT}`;
  readonly #file: string;
  readonly #processes: Processes;
  #state = sampleState();
  #running: Running | undefined;

  /** `file`: where the state is kept; it holds PSKs, so it is no captured output. */
  constructor(file: string, processes: Processes) {
    this.#file = file;
    this.#processes = processes;
  }

  /** Changes what is served from now on: `heroku.update((state) => ({ ...state, fault: … }))`. */
  update(change: (state: StandInState) => StandInState): void {
    this.#state = change(this.#state);
    // Renamed into place: a request never sees half a file.
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#state), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  async start(): Promise<void> {
    this.update((state) => state);
    const argv = [process.execPath, "test/lab/stand-in/main.ts", "--port", String(PORT), "--state", this.#file];
    this.#running = this.#processes.start("heroku", argv);
    await waitUntil("the stand-in Platform API to answer", 20, async () => {
      try {
        return { done: true, value: void (await fetch(this.url)) };
      } catch {
        await systemClock.sleep(20);
        return { done: false, seen: this.#running?.output().trim() || "no answer" };
      }
    });
  }

  /** The source is away: connections are refused until `start`. */
  async stop(): Promise<void> {
    await this.#running?.stop("SIGKILL");
  }
}
