import { oneLine } from "../../lib/text.ts";
import { LinkTrial } from "./trial.ts";
import type { Parse, Wire } from "./wire.ts";

/* Postgres' hello. Source: PostgreSQL documentation, "Message Flow" and "Message Formats". */

const SSL_REQUEST_CODE = 80_877_103;
/** 3.0 */
const PROTOCOL_VERSION = 196_608;
const MAX_MESSAGE = 8192;

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

export const sslRequest = (): Buffer => Buffer.concat([int32(8), int32(SSL_REQUEST_CODE)]);

/** The length counts itself. */
export const startupMessage = (parameters: Readonly<Record<string, string>>): Buffer => {
  const pairs = Object.entries(parameters).flat();
  const body = Buffer.concat([int32(PROTOCOL_VERSION), Buffer.from(`${pairs.map((text) => `${text}\0`).join("")}\0`)]);
  return Buffer.concat([int32(body.length + 4), body]);
};

const TERMINATE = Buffer.concat([Buffer.from("X"), int32(4)]);

const notPostgres = (): LinkTrial =>
  new LinkTrial("What answers is not Postgres.", "Check the link's port and protocol: Heroku Postgres listens on 5432.");

/**
 * Whether the server goes on with TLS. More than one byte before the handshake was put there by somebody between
 * (CVE-2021-23222).
 */
export const parseSslAnswer: Parse<"tls" | "plain"> = (bytes) => {
  const answer = String.fromCharCode(bytes[0] ?? 0);
  if (bytes.length !== 1 || (answer !== "S" && answer !== "N")) throw notPostgres();
  return answer === "S" ? "tls" : "plain";
};

/** What a server may answer to a StartupMessage before anybody has signed in, in words. */
type StartupAnswer = string;

const AUTHENTICATION: Readonly<Record<number, string>> = {
  0: "lets this host in without a password",
  3: "asks for a password",
  5: "asks for a password (MD5)",
  10: "asks for a password (SCRAM)",
};

const errorField = (body: Buffer, field: string): string | undefined =>
  body
    .toString("utf8")
    .split("\0")
    .find((part) => part.startsWith(field))
    ?.slice(1);

/** An authentication request (R) or an error (E): both are Postgres' own words. */
export const parseStartupAnswer: Parse<StartupAnswer> = (bytes) => {
  const type = String.fromCharCode(bytes[0] ?? 0);
  if (type !== "R" && type !== "E" && type !== "v") throw notPostgres();
  if (bytes.length < 5) return undefined;
  const length = bytes.readInt32BE(1);
  if (length < 8 || length > MAX_MESSAGE) throw notPostgres();
  if (bytes.length < 1 + length) return undefined;
  const body = bytes.subarray(5, 1 + length);
  if (type === "R") return `Postgres answers and ${AUTHENTICATION[body.readInt32BE(0)] ?? "asks who is there"}`;
  // The server's list of what it does not know of the protocol precedes the authentication request.
  if (type === "v") return bytes.length > 1 + length ? parseStartupAnswer(bytes.subarray(1 + length)) : undefined;
  const message = errorField(body, "M");
  if (message === undefined) throw notPostgres();
  return `Postgres answers: ${oneLine(message)}`;
};

/** SSLRequest on the plain connection. Rejects with a LinkTrial. */
export const askForTls = (wire: Wire): Promise<"tls" | "plain"> => {
  wire.send(sslRequest());
  return wire.read(parseSslAnswer);
};

/** Who asks, when nobody has said under which name; the server is left before it can ask for a password. */
const NOBODY = "spacegate";

/** The startup, until the server asks for a password or says why it does not. Resolves to what is proven, in words. */
export const postgresHello = async (wire: Wire, user = NOBODY, database = user): Promise<string> => {
  wire.send(startupMessage({ user, database, application_name: "spacegate" }));
  const proven = await wire.read(parseStartupAnswer);
  wire.send(TERMINATE);
  return proven;
};
