import { mkdir, unlink } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { dirname } from "node:path";
import { messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

export interface LocalSocketOptions {
  readonly path: string;
  readonly handler: RequestListener;
  /** Is told of every connection that comes in here. */
  readonly onConnection: (socket: object) => void;
  readonly log: Log;
}

/** The socket is root's alone from its first moment on: it is bound before `listen` returns. */
const listenPrivately = async (server: Server, path: string): Promise<void> => {
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", resolve);
  });
  const umask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(umask);
  }
  await listening;
};

/**
 * Serves this host's root on a socket of the file system: the agent's own commands get an answer whatever is wrong with
 * certificates and tokens. Resolves to what closes it. A socket that cannot be had is logged: the rest is served all the same.
 */
export const openLocalSocket = async ({ path, handler, onConnection, log }: LocalSocketOptions): Promise<() => Promise<void>> => {
  const server = createServer(handler);
  server.on("connection", onConnection);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // An agent that was killed has left it. Two agents cannot be: the port was had before.
    await unlink(path).catch(() => undefined);
    await listenPrivately(server, path);
  } catch (thrown) {
    log.warn({ path, error: messageOf(thrown) }, "the agent's own commands cannot ask it over its socket");
  }
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
};
