import { connect, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { LinkTrial } from "./trial.ts";

/**
 * What a hello reads with: the answer that the bytes are, undefined while more must come. Throws a LinkTrial for bytes that can
 * never become one.
 */
export type Parse<T> = (bytes: Buffer) => T | undefined;

/** One connection, as a hello uses it. */
export interface Wire {
  send(bytes: Buffer): void;
  /** Bytes that came before and were not read are read first. Rejects with a LinkTrial when the far end ends or says too much. */
  read<T>(parse: Parse<T>): Promise<T>;
}

/** No hello's answer is nearly so long. */
const MAX_BYTES = 16 * 1024;

const tooMuch = (): LinkTrial =>
  new LinkTrial(
    `The far end sent ${MAX_BYTES / 1024} KiB and more before an answer was to be seen.`,
    "It speaks something else: check the link's protocol and port.",
  );

/** A TCP connection. Rejects with the system's error; the signal's abort ends it, now and later. */
export const dial = (host: string, port: number, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    // Whoever uses the socket hears of its end by the close event; an error without a listener would end the agent.
    socket.on("error", reject);
    socket.once("close", () => reject(signal.reason ?? new Error("closed")));
    socket.once("connect", () => resolve(socket));
    const end = (): void => void socket.destroy();
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", end));
  });

/** The bytes of an open socket, read by whole answers. `onEnd` words what it means when the far end ends the connection. */
export const wireOn = (socket: Socket | TLSSocket, onEnd: (error: Error | undefined) => LinkTrial): Wire => {
  let bytes = Buffer.alloc(0);
  let ended: LinkTrial | undefined;
  let failure: Error | undefined;
  let wake: () => void = () => {};
  const finish = (trial: LinkTrial): void => {
    ended ??= trial;
    wake();
  };
  socket.on("error", (error) => {
    failure ??= error;
  });
  socket.on("data", (chunk: Buffer) => {
    if (bytes.length + chunk.length > MAX_BYTES) {
      finish(tooMuch());
      socket.destroy();
      return;
    }
    bytes = Buffer.concat([bytes, chunk]);
    wake();
  });
  socket.once("end", () => finish(onEnd(failure)));
  socket.once("close", () => finish(onEnd(failure)));
  return {
    send: (out) => void socket.write(out),
    read: async (parse) => {
      for (;;) {
        const answer = bytes.length > 0 ? parse(bytes) : undefined;
        if (answer !== undefined) {
          bytes = Buffer.alloc(0);
          return answer;
        }
        if (ended) throw ended;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
};
