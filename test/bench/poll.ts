import { Agent, get } from "node:http";
import { systemClock } from "../../agent/lib/clock.ts";
import { HTTP } from "../lab/agent.ts";

/** Between two questions, milliseconds: they must leave the agent time for its work. */
const PAUSE_MS = 1;

/** Asks one page of the agent's again and again, over one connection. */
export class Poller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Resolves to the moment at which an answer that `holds` was complete, or undefined when none is in time. */
  async until(holds: (body: string) => boolean, limitMs: number): Promise<number | undefined> {
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      if (holds(await this.#read())) return performance.now();
      await systemClock.sleep(PAUSE_MS);
    }
    return undefined;
  }

  stop(): void {
    this.#agent.destroy();
  }

  #read(): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = get(`${HTTP}${this.#path}`, { agent: this.#agent }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.on("end", () => resolve(body));
        response.on("error", reject);
      });
      request.on("error", reject);
    });
  }
}
