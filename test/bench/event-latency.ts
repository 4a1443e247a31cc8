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

/**
 * Milliseconds from charon's child-updown event, as a subscription of this program's own receives it, until an answer of
 * /healthz and one of /metrics are here that tell the new state. The agent gets the same event at the same time; the time of
 * the requests themselves is included. The tunnel that carries is terminated, so that there are events of both kinds.
 */
export const measureEvents = async (lab: Lab, count: number): Promise<number[]> => {
  lab.progress(`${count} child-updown events`);
  const vici = new ViciClient({ path: lab.gateway.path("/run/charon.vici") });
  const [health, metrics] = [new Poller("/healthz"), new Poller("/metrics")];
  const latencies: number[] = [];
  let working = Promise.resolve();
  let missed = 0;
  const measure = async (change: Change): Promise<void> => {
    const [first, second] = await Promise.all([
      health.until(healthTells(change), LIMIT_MS),
      metrics.until(metricsTell(change), LIMIT_MS),
    ]);
    if (first === undefined || second === undefined) missed += 1;
    else latencies.push(Math.max(first, second) - change.at);
  };
  const onEvent = (name: string, message: Parameters<typeof parseUpdown>[0]): void => {
    if (name !== "child-updown") return;
    const at = performance.now();
    // An event during a measurement would be told late for this program's own sake.
    for (const change of changesIn(message, at)) if (!busy) working = run(() => measure(change));
  };
  let busy = false;
  const run = async (work: () => Promise<void>): Promise<void> => {
    busy = true;
    await work().finally(() => {
      busy = false;
    });
  };
  vici.start({ onEvent });
  try {
    await lab.sleep(0.3);
    while (latencies.length < count) {
      const sa = await waitUntil("a tunnel to terminate", 20, async () => {
        const up = (await vici.listSas()).find(({ childSas }) => childSas.some(({ state }) => state === "INSTALLED"));
        return up && !busy ? { done: true, value: up } : { done: false, seen: "none is up" };
      });
      await lab.sleep(0.1);
      await vici.terminate({ ikeId: sa.uniqueId, force: true, timeoutMs: 2000 });
      await working;
      check(missed < count / 10, `${missed} changes were not told within ${LIMIT_MS} ms`);
    }
  } finally {
    await working.catch(() => {});
    await vici.stop();
    health.stop();
    metrics.stop();
  }
  check(missed === 0, `${missed} of ${count} changes were not told within ${LIMIT_MS} ms`);
  return latencies;
};
