import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type Listener, openListener } from "../../agent/expose/listener.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import type { Secret } from "../../agent/lib/secret.ts";
import type { ListenerState } from "../../agent/model/status.ts";
import { privateCa, ShiftedClock } from "../lib/pki-support.ts";
import { logLines, temporaryDirectory } from "../lib/support.ts";
import { listenSettings } from "./app.ts";
import { gatewayStatus } from "./support.ts";

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

export interface Opened {
  readonly listener: Listener;
  readonly port: number;
  readonly root: string;
  readonly clock: ShiftedClock;
  readonly ca: Awaited<ReturnType<typeof privateCa>>["ca"];
  /** PEM of the agent's own CA. */
  readonly authority: () => Promise<string>;
  readonly log: ReturnType<typeof logLines>;
  readonly remembered: Secret[];
  /** The newest. */
  readonly state: () => ListenerState;
  /** As the watch would, when a file has changed. */
  readonly touch: (path: string) => Promise<void>;
}

/** A listener on loopback with a real socket; it ends with the test. */
export const opened = async (
  listen: object = {},
  { clock = new ShiftedClock(), root = "" }: { clock?: ShiftedClock; root?: string } = {},
): Promise<Opened> => {
  const [place, port, log] = [root || (await temporaryDirectory()), await freePort(), logLines()];
  const { ca } = await privateCa(clock);
  const watched = new Set<string>();
  const remembered: Secret[] = [];
  let state: ListenerState | undefined;
  const listener = await openListener({
    listen: listenSettings({ port, ...listen }),
    told: { status: () => gatewayStatus(), declared: WARNINGS },
    root: place,
    ...{ ca, clock, log },
    remember: (secret) => remembered.push(secret),
    watch: async (path) => {
      watched.add(path);
      return { close: async () => void watched.delete(path) };
    },
    onState: (now) => {
      state = now;
    },
  });
  onTestFinished(() => listener.close());
  return {
    root: place,
    ...{ listener, port, clock, ca, log, remembered },
    authority: async () => (await ca.authority()).certificate,
    state: () => {
      if (!state) throw new Error("no state was told");
      return state;
    },
    touch: async (path) => {
      if (!watched.has(path)) throw new Error(`${path} is not watched`);
      await listener.check();
    },
  };
};
