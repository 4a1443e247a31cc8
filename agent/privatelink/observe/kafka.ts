import { LinkTrial } from "./trial.ts";
import type { Parse, Wire } from "./wire.ts";

/* Kafka's hello. Source: kafka.apache.org, "Kafka protocol guide": ApiVersions (key 18), version 0, request header 1. */

const API_VERSIONS = 18;
const CLIENT_ID = "spacegate";
const MAX_RESPONSE = 8192;
/** NONE, and UNSUPPORTED_VERSION, which a broker without version 0 answers in the form of version 0. */
const ANSWERS: Readonly<Record<number, string>> = { 0: "Kafka answers ApiVersions", 35: "Kafka answers: UNSUPPORTED_VERSION" };

const notKafka = (): LinkTrial =>
  new LinkTrial("What answers is not Kafka.", "Check the link's port and protocol with the add-on's own URLs.");

/** The size before a request or an answer does not count itself. */
export const apiVersionsRequest = (correlationId: number): Buffer => {
  const client = Buffer.from(CLIENT_ID);
  const bytes = Buffer.alloc(4 + 10 + client.length);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt16BE(API_VERSIONS, 4);
  bytes.writeInt16BE(0, 6);
  bytes.writeInt32BE(correlationId, 8);
  bytes.writeInt16BE(client.length, 12);
  client.copy(bytes, 14);
  return bytes;
};

/** Size, correlation id, error code, then an array of (key, least version, greatest version). */
export const parseApiVersions =
  (correlationId: number): Parse<string> =>
  (bytes) => {
    if (bytes.length < 4) return undefined;
    const size = bytes.readInt32BE(0);
    if (size < 10 || size > MAX_RESPONSE) throw notKafka();
    if (bytes.length < 4 + size) return undefined;
    const count = bytes.readInt32BE(10);
    const proven = ANSWERS[bytes.readInt16BE(8)];
    const isWhole = bytes.length === 4 + size && size === 10 + count * 6;
    if (bytes.readInt32BE(4) !== correlationId || proven === undefined || !isWhole) throw notKafka();
    return proven;
  };

/** Resolves to what is proven, in words; rejects with a LinkTrial. */
export const kafkaHello = (wire: Wire, correlationId = 1): Promise<string> => {
  wire.send(apiVersionsRequest(correlationId));
  return wire.read(parseApiVersions(correlationId));
};
