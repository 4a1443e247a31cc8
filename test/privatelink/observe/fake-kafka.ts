import type { Socket } from "node:net";

/*
 * The least of a Kafka broker, strict about what it is asked. Source: kafka.apache.org, "Kafka protocol guide". Debian has no
 * Kafka; kcat, which librdkafka is in, is asked whether it takes this for one.
 */

const API_VERSIONS = 18;
/** UNSUPPORTED_VERSION */
const UNSUPPORTED = 35;

interface Request {
  readonly version: number;
  readonly correlationId: number;
}

/** Header version 1 (or 2, whose tagged fields follow): key, version, correlation id, client id. Throws for anything else. */
const parseRequest = (body: Buffer): Request => {
  if (body.readInt16BE(0) !== API_VERSIONS) throw new Error(`api key ${body.readInt16BE(0)}`);
  const version = body.readInt16BE(2);
  const client = body.readInt16BE(8);
  const end = 10 + Math.max(0, client);
  if (client < -1 || (version < 3 && end !== body.length)) throw new Error(`a request of ${body.length} bytes, not ${end}`);
  return { version, correlationId: body.readInt32BE(4) };
};

/** Version 0: error code, and for each key its versions. A broker answers a version that it does not have in this form too. */
const answer = ({ version, correlationId }: Request): Buffer => {
  const keys = [
    [3, 0, 1],
    [API_VERSIONS, 0, 0],
  ] as const;
  const bytes = Buffer.alloc(4 + 10 + keys.length * 6);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt32BE(correlationId, 4);
  bytes.writeInt16BE(version === 0 ? 0 : UNSUPPORTED, 8);
  bytes.writeInt32BE(keys.length, 10);
  for (const [index, versions] of keys.entries())
    for (const [place, value] of versions.entries()) bytes.writeInt16BE(value, 14 + index * 6 + place * 2);
  return bytes;
};

/** Serves one connection; `asked` hears of each request, and of what was wrong with one. */
export const serveKafka = (socket: Socket, asked: (what: string) => void): void => {
  let bytes = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
      const size = bytes.readInt32BE(0);
      const body = bytes.subarray(4, 4 + size);
      bytes = bytes.subarray(4 + size);
      try {
        const request = parseRequest(body);
        asked(`ApiVersions ${request.version}`);
        socket.write(answer(request));
      } catch (thrown) {
        asked(String(thrown));
        socket.destroy();
      }
    }
  });
};
