import type { Server } from "node:http";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../lib/clock.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { PrivateCa } from "../lib/pki-store.ts";
import type { Secret } from "../lib/secret.ts";
import { LOCAL_SOCKET_PATH } from "../model/paths.ts";
import type { Settings } from "../model/settings.ts";
import { type ListenerState, NO_LISTENER } from "../model/status.ts";
import { allowedHosts, certificateHosts } from "./hosts.ts";
import { openLocalSocket } from "./local-socket.ts";
import { buildServer, type Told } from "./server.ts";
import { TlsKeeper } from "./tls-keeper.ts";
import { TokenKeeper } from "./token-keeper.ts";
import { plainServer, secure, tlsServer, trackSockets } from "./transport.ts";

type Listen = Settings["listen"];

export interface ListenerOptions {
  readonly listen: Listen;
  readonly told: Told;
  /** Put before every path on the host. */
  readonly root: string;
  readonly ca: PrivateCa;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Keeps a secret out of logs. */
  readonly remember: (secret: Secret) => void;
  /** Calls back when the file is written, replaced, made or removed. */
  readonly watch: (path: string, onChange: () => void) => Promise<{ close(): Promise<void> }>;
  /** Is told how things stand at first, and after each look at the files. */
  readonly onState: (state: ListenerState) => void;
}

export interface Listener {
  /** Looks at certificates and token anew. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Certificates are renewed weeks before their end: an hour more or less is nothing. */
const CHECK_MS = 3_600_000;

const listenOn = async (app: FastifyInstance, { address, port }: Listen): Promise<void> => {
  try {
    await app.listen({ host: address, port });
  } catch (thrown) {
    throw new SpacegateError("LISTEN_FAILED", `Nothing can be served on ${address}:${port}: ${messageOf(thrown)}`, {
      fix: "Choose another listen.port or listen.address in the settings; `ss -ltnp` tells who has this one.",
      cause: thrown,
    });
  }
};

const transportOf = ({ listen, ca, clock, log }: ListenerOptions): { server: Server; tls?: TlsKeeper } => {
  if (!listen.tls) return { server: plainServer() };
  const server = tlsServer(listen.tls.client_certificates === "required");
  const hosts = () => certificateHosts(listen);
  return { server, tls: new TlsKeeper({ tls: listen.tls, ca, hosts, clock, log, secure: (context) => secure(server, context) }) };
};

const filesOf = ({ tls, token_file }: Listen): string[] =>
  [tls?.certificate, tls?.key, tls?.client_ca, token_file].filter((path) => path !== undefined);

/** Runs a job again after the one under way, never beside it. */
const inTurn = (job: () => Promise<void>): (() => Promise<void>) => {
  let last = Promise.resolve();
  return () => {
    last = last.catch(() => undefined).then(job);
    return last;
  };
};

/** Serves HTTP or HTTPS on the port, and plain HTTP on the local socket. Rejects with LISTEN_FAILED. */
export const openListener = async (options: ListenerOptions): Promise<Listener> => {
  const { listen, told, root, log, remember, watch, onState } = options;
  const { server, tls } = transportOf(options);
  const token = listen.token_file === undefined ? undefined : new TokenKeeper({ file: listen.token_file, log, remember });
  const locals = new WeakSet<object>();
  const app = buildServer(server, told, {
    hosts: allowedHosts(listen),
    isAllowed: (authorization) => token?.allows(authorization) ?? true,
    isLocal: (socket) => locals.has(socket),
  });
  const endSockets = trackSockets(server);
  const check = inTurn(async () => {
    await Promise.all([tls?.check(), token?.check()]);
    onState({ status: tls?.status ?? NO_LISTENER.status, troubles: [...(tls?.troubles ?? []), ...(token?.troubles ?? [])] });
  });
  await check();
  await listenOn(app, listen);
  const path = join(root, LOCAL_SOCKET_PATH);
  const closeLocal = await openLocalSocket({ path, handler: app.routing, onConnection: (socket) => locals.add(socket), log });
  const watches = await Promise.all(filesOf(listen).map((file) => watch(file, () => void check())));
  const timer = setInterval(() => void check(), CHECK_MS).unref();
  return {
    check,
    close: async () => {
      clearInterval(timer);
      const closing = Promise.all([app.close(), closeLocal(), ...watches.map((one) => one.close())]);
      endSockets();
      await closing;
    },
  };
};
