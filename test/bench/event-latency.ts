import { ViciClient } from "../../agent/vici/client.ts";
import { parseUpdown } from "../../agent/vici/sas.ts";
import { check, waitUntil } from "../lab/check.ts";
import type { Lab } from "../lab/lab.ts";
import { TUNNELS } from "../lab/sample.ts";
import { Poller } from "./poll.ts";

/** A CHILD_SA that came or went, and when this program learnt of it. */
interface Change {
  readonly at: number;
  readonly tunnel: number;
  readonly up: boolean;
}

interface Health {
  readonly connections: readonly { readonly tunnels: readonly { readonly index: number; readonly child: string }[] }[];
}

const healthTells =
  ({ tunnel, up }: Change) =>
  (body: string): boolean => {
    const { connections } = JSON.parse(body) as Health;
    const child = connections[0]?.tunnels.find(({ index }) => index === tunnel)?.child;
    return up ? child === "INSTALLED" : child !== "INSTALLED";
  };

const metricsTell =
  ({ tunnel, up }: Change) =>
  (body: string): boolean =>
    new RegExp(`^spacegate_tunnel_child_installed\\{[^}]*tunnel="${tunnel}"[^}]*\\} ${up ? 1 : 0}$`, "m").test(body);

const changesIn = (message: Parameters<typeof parseUpdown>[0], at: number): Change[] => {
  const { up, ikeSas } = parseUpdown(message);
  return ikeSas.flatMap((ike) => {
    const tunnel = TUNNELS.find(({ address }) => address === ike.remoteHost)?.index;
    return tunnel === undefined ? [] : [{ at, tunnel, up }];
  });
};

const LIMIT_MS = 2000;

/** Asks one page until it tells; the pages take turns, because each question takes the agent's time from the other's answer. */
class Watch {
  readonly #pages = [
    { poller: new Poller("/healthz"), tells: healthTells },
    { poller: new Poller("/metrics"), tells: metricsTell },
  ];
  #turn = 0;

  /** Milliseconds since the change until it was told; undefined when it was not told in time. */
  async latency(change: Change): Promise<number | undefined> {
    const page = this.#pages[this.#turn++ % this.#pages.length];
    const told = await page?.poller.until(page.tells(change), LIMIT_MS);
    return told === undefined ? undefined : told - change.at;
  }

  /** A gateway that runs has been asked before. */
  async askOnce(): Promise<void> {
    for (const { poller } of this.#pages) await poller.until(() => true, LIMIT_MS);
  }

  stop(): void {
    for (const { poller } of this.#pages) poller.stop();
  }
}

/** Measures every change that the subscription tells, at once. */
class Measuring {
  readonly latencies: number[] = [];
  readonly missed: string[] = [];
  // One tunnel comes up before the other one's end has been told.
  readonly #watches = { up: new Watch(), down: new Watch() };
  #pending = 0;

  get idle(): boolean {
    return this.#pending === 0;
  }

  async begin(): Promise<void> {
    for (const watch of Object.values(this.#watches)) await watch.askOnce();
  }

  take(change: Change): void {
    this.#pending += 1;
    void this.#measure(change).finally(() => {
      this.#pending -= 1;
    });
  }

  stop(): void {
    this.#watches.up.stop();
    this.#watches.down.stop();
  }

  async #measure(change: Change): Promise<void> {
    const what = `tunnel ${change.tunnel} ${change.up ? "up" : "down"}`;
    try {
      const latency = await this.#watches[change.up ? "up" : "down"].latency(change);
      if (latency === undefined) this.missed.push(what);
      else this.latencies.push(latency);
    } catch (thrown) {
      this.missed.push(`${what}: ${String(thrown)}`);
    }
  }
}

/** The SA of the tunnel that is up, once everything that was told has been measured. */
const untilUp = (vici: ViciClient, measuring: Measuring): Promise<number> =>
  waitUntil("a tunnel to terminate", 20, async () => {
    const up = (await vici.listSas()).filter(({ childSas }) => childSas.some(({ state }) => state === "INSTALLED"));
    const [only] = up;
    return only && up.length === 1 && measuring.idle
      ? { done: true, value: only.uniqueId }
      : { done: false, seen: `${up.length} are up` };
  });

/**
 * Milliseconds from charon's child-updown event, as a subscription of this program's own receives it, until an answer of
 * /healthz or, in turns, of /metrics is here that tells the new state. The agent gets the same event at the same time; the time of
 * the requests themselves is included. The tunnel that carries is terminated, so that there are events of both kinds.
 */
export const measureEvents = async (lab: Lab, count: number): Promise<number[]> => {
  lab.progress(`${count} child-updown events`);
  const vici = new ViciClient({ path: lab.gateway.path("/run/charon.vici") });
  const measuring = new Measuring();
  await measuring.begin();
  vici.start({
    onEvent: (name, message) => {
      if (name !== "child-updown") return;
      for (const change of changesIn(message, performance.now())) measuring.take(change);
    },
  });
  try {
    await lab.sleep(0.3);
    while (measuring.latencies.length < count) {
      await untilUp(vici, measuring);
      await lab.sleep(0.15);
      await vici.terminate({ ikeId: await untilUp(vici, measuring), force: true, timeoutMs: 2000 });
      await lab.sleep(0.05);
      check(measuring.missed.length === 0, `not told within ${LIMIT_MS} ms: ${measuring.missed.join(", ")}`);
    }
    return measuring.latencies;
  } finally {
    await vici.stop();
    measuring.stop();
  }
};
