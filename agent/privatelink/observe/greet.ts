import type { Socket } from "node:net";
import type { LinkProtocol } from "../../model/privatelink.ts";
import { httpsHello } from "./https.ts";
import { kafkaHello } from "./kafka.ts";
import { askForTls, postgresHello } from "./postgres.ts";
import { type Login, redisHello } from "./redis.ts";
import { startTls, tlsWords, wantsCertificate } from "./tls.ts";
import { LinkTrial } from "./trial.ts";
import { type Wire, wireOn } from "./wire.ts";

export interface Greeting {
  readonly hostname: string;
  readonly protocol: LinkProtocol;
  readonly login?: Login;
  /** Called with the certificate's expiry as soon as TLS stands. */
  readonly onTls: (expiresAt: number | null) => void;
}

/** A server that asks for a client's certificate has answered: it is alive, and lets nobody else in. */
const ASKS_FOR_CERTIFICATE = "The far end speaks TLS and asks for a client's certificate";

const onEnd = (error: Error | undefined): LinkTrial =>
  new LinkTrial(
    `The far end ended the connection instead of answering${error ? `: ${tlsWords(error)}` : ""}.`,
    "The service behind the endpoint may have no healthy target, or speak something else: check the link's protocol and port.",
    error,
  );

const secured = async (socket: Socket, { hostname, onTls }: Greeting): Promise<Wire> => {
  const tls = await startTls(socket, hostname);
  onTls(tls.expiresAt);
  return wireOn(tls.socket, onEnd);
};

const greetPostgres = async (socket: Socket, greeting: Greeting): Promise<string> => {
  const plain = wireOn(socket, onEnd);
  const answer = await askForTls(plain);
  if (answer === "plain") return `${await postgresHello(plain)}, without TLS`;
  // What TLS does not read itself it never sees.
  socket.removeAllListeners("data");
  return postgresHello(await secured(socket, greeting));
};

const HELLOS: Readonly<Record<LinkProtocol, (socket: Socket, greeting: Greeting) => Promise<string>>> = {
  redis: async (socket, greeting) => redisHello(await secured(socket, greeting), greeting.login),
  postgres: greetPostgres,
  kafka: async (socket, greeting) => kafkaHello(await secured(socket, greeting)),
  https: async (socket, greeting) => httpsHello(await secured(socket, greeting), greeting.hostname),
  tcp: async () => "TCP connections are taken",
};

/** The protocol's hello on an open connection. Resolves to what is proven, in words; rejects with a LinkTrial. */
export const greet = (socket: Socket, greeting: Greeting): Promise<string> =>
  HELLOS[greeting.protocol](socket, greeting).catch((thrown: unknown) => {
    if (thrown instanceof LinkTrial && wantsCertificate(thrown.cause)) return ASKS_FOR_CERTIFICATE;
    throw thrown;
  });
