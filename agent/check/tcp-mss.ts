import { connect, type Socket } from "node:net";
import type { ConnectionRef } from "../model/connection.ts";
import { Unknown } from "./facts.ts";
import type { Commands } from "./host-reader.ts";
import { deviceTo } from "./route-query.ts";
import type { TunnelPath } from "./tunnel-paths.ts";

/** What TCP agreed on with the probe's target, through the tunnel that carries. */
export interface TcpMss {
  readonly ref: ConnectionRef;
  readonly index: 1 | 2;
  /** Bytes of payload in one segment, options of TCP included. */
  readonly mss: number;
}

const SS_MS = 3000;

const opened = (socket: Socket, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = () => reject(new Unknown("The probe's target does not accept a TCP connection in time."));
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    socket.once("connect", resolve).once("error", reject);
  });

/** Time stamps take this much of each segment, which `ss` leaves out. */
const TIMESTAMPS = 12;

/** `ss` prints `ts sack cubic … mss:1348 pmtu:1400 rcvmss:536 advmss:1360 …` for a connection. */
export const parseMss = (text: string): number | undefined => {
  const mss = /(?:^|\s)mss:(\d+)/.exec(text)?.[1];
  if (mss === undefined) return undefined;
  return Number(mss) + (/(?:^|\s)ts\s/.test(text) ? TIMESTAMPS : 0);
};

const measure = async (commands: Commands, path: TcpPath, signal: AbortSignal): Promise<TcpMss> => {
  const { tunnel, target, port, source } = path;
  const socket = connect({ host: target, port, localAddress: source });
  try {
    await opened(socket, AbortSignal.any([signal, AbortSignal.timeout(SS_MS)]));
    const filter = `src ${source}:${socket.localPort} and dst ${target}:${port}`;
    const mss = parseMss((await commands.run("ss", ["-Htin", filter], SS_MS)).output);
    if (mss === undefined) throw new Unknown("`ss` does not tell the MSS of a connection.", "ss -tin");
    return { ref: tunnel.ref, index: tunnel.index, mss };
  } finally {
    socket.on("error", () => undefined).destroy();
  }
};

type TcpPath = TunnelPath & { readonly port: number };

/** With VTI both tunnels are up, and the route says which one a connection takes. */
const carries = async (commands: Commands, { tunnel, target, source }: TunnelPath): Promise<boolean> =>
  tunnel.link === undefined || (await deviceTo(commands, target, source)) === tunnel.link;

/** Connects through each tunnel that carries. Rejects with Unknown where no probe has a port to connect to. */
export const gatherTcpMss = async (commands: Commands, paths: readonly TunnelPath[], signal: AbortSignal): Promise<TcpMss[]> => {
  const tcp = paths.flatMap(({ port, ...path }) => (port === undefined ? [] : [{ ...path, port }]));
  const carrying = await Promise.all(tcp.map(async (path) => ((await carries(commands, path)) ? [path] : [])));
  if (carrying.flat().length > 0) return Promise.all(carrying.flat().map((path) => measure(commands, path, signal)));
  throw new Unknown("Measured where probe.protocol is tcp.", "ss -tin shows the mss of each connection to the space.");
};
