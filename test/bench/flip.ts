import { spawn } from "node:child_process";
import { IpSession } from "../../agent/lib/ip-session.ts";
import { check } from "../lab/check.ts";
import type { Lab } from "../lab/lab.ts";

/** Of a cell's gateway, whose network namespace the cell's own program is in. */
const LINKS = ["lan0", "wan0"] as const;

/** In TEST-NET-1: nobody else's. */
const DESTINATION = "192.0.2.0/24";

/** What the kernel tells everybody of changed routes, as lines of `ip monitor`. */
class RouteMonitor {
  readonly #child = spawn("ip", ["-oneline", "monitor", "route"], { stdio: ["ignore", "pipe", "inherit"] });
  #wanted = "";
  #seen: () => void = () => {};

  constructor() {
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (this.#wanted !== "" && text.includes(this.#wanted)) this.#seen();
    });
  }

  /** Resolves to the moment at which a line with both texts is read; rejects after two seconds. */
  next(text: string): Promise<number> {
    this.#wanted = text;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`ip monitor did not tell of ${text}`)), 2000);
      this.#seen = () => {
        clearTimeout(late);
        resolve(performance.now());
      };
    });
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

/**
 * Milliseconds from the decision to the kernel's word that the route has another link: the agent's own `ip` session is told
 * `route replace`, and a listener of the kernel's route events waits for it.
 */
export const measureFlips = async (lab: Lab, count: number): Promise<number[]> => {
  lab.progress(`${count} route flips`);
  const monitor = new RouteMonitor();
  const session = new IpSession();
  const flips: number[] = [];
  try {
    await session.run([`route replace ${DESTINATION} dev ${LINKS[0]} metric 50`]);
    await lab.sleep(0.3);
    for (let flip = 1; flip <= count; flip += 1) {
      const link = LINKS[flip % 2] ?? LINKS[0];
      const seen = monitor.next(`${DESTINATION} dev ${link}`);
      const decidedAt = performance.now();
      await Promise.all([seen, session.run([`route replace ${DESTINATION} dev ${link} metric 50`])]);
      flips.push((await seen) - decidedAt);
      await lab.sleep(0.02);
    }
    await session.run([`route del ${DESTINATION} metric 50`]);
  } finally {
    session.stop();
    monitor.stop();
  }
  check(flips.length === count, "every flip should be seen");
  return flips;
};
