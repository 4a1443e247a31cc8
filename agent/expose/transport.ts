import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";

/** What a client that is slow, greedy or hostile can hold of the agent. */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 5000,
  // Those two are looked at this often.
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 8192,
};
const HANDSHAKE_MS = 5000;
/** A client that takes nothing of its answer for so long is let go, or 256 of them would keep everybody else out. */
const STANDSTILL_MS = 5000;
const MAX_CONNECTIONS = 256;
/** One breath can ask for a thousand pages, and all of their answers would be held at once. */
const MAX_REQUESTS = 100;

const TLS_RULES: SecureContextOptions = { minVersion: "TLSv1.2" };

const limited = <Kind extends Server>(server: Kind): Kind => {
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = STANDSTILL_MS;
  server.maxRequestsPerSocket = MAX_REQUESTS;
  return server;
};

export const plainServer = (): Server => limited(createHttpServer(LIMITS));

/** Until `secure` has given it a certificate it refuses every handshake. */
export const tlsServer = (clientCertificates: boolean): HttpsServer =>
  limited(
    createHttpsServer({
      ...LIMITS,
      ...TLS_RULES,
      handshakeTimeout: HANDSHAKE_MS,
      requestCert: clientCertificates,
      rejectUnauthorized: clientCertificates,
    }),
  );

/** From the next handshake on; connections that are there go on. */
export const secure = (server: HttpsServer, context: SecureContextOptions): void =>
  server.setSecureContext({ ...context, ...TLS_RULES });

/** Returns what ends every connection, those too that HTTP does not know of yet because their handshake hangs. */
export const trackSockets = (server: Server): (() => void) => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
};
