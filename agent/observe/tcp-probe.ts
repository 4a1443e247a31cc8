import { connect } from "node:net";
import { errnoOf } from "../lib/errors.ts";
import type { ProbeResult, ProbeTarget } from "./probe-target.ts";

/** One handshake. A refusal came back through the tunnel too, so it proves as much as a connection. */
const tryOnce = (target: ProbeTarget, port: number, onDone: (result: ProbeResult) => void): (() => void) => {
  const started = performance.now();
  const socket = connect({
    host: target.target,
    port,
    localAddress: target.source,
    // A rule of the agent's leads packets from this port through the tunnel: Node cannot set a socket's mark.
    ...(target.mark === undefined ? {} : { localPort: target.mark }),
  });
  const done = (answered: boolean): void => {
    socket.removeAllListeners();
    socket.on("error", () => {});
    // A reset leaves no TIME_WAIT behind, which would keep the port from the next probe; but it waits for the handshake to end.
    if (socket.connecting) socket.destroy();
    else socket.resetAndDestroy();
    onDone(answered ? performance.now() - started : null);
  };
  socket.once("connect", () => done(true));
  socket.once("error", (error) => done(errnoOf(error) === "ECONNREFUSED"));
  return () => done(false);
};

/** A TCP handshake every interval; one that is unanswered when the next is due is a miss. Ends when aborted. */
export const runTcpProbe = async (
  target: ProbeTarget,
  onResult: (result: ProbeResult) => void,
  signal: AbortSignal,
): Promise<string> => {
  const { port } = target;
  if (port === undefined) return "no port";
  if (signal.aborted) return "aborted";
  let giveUp: (() => void) | undefined;
  const start = (): void => {
    giveUp?.();
    giveUp = tryOnce(target, port, (result) => {
      giveUp = undefined;
      if (!signal.aborted) onResult(result);
    });
  };
  start();
  const timer = setInterval(start, target.intervalMs);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  clearInterval(timer);
  giveUp?.();
  return "aborted";
};
