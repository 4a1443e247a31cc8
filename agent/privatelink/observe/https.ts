import { LinkTrial } from "./trial.ts";
import type { Parse, Wire } from "./wire.ts";

/* HTTP's hello. Source: RFC 9112, 3 and 4. */

const MAX_LINE = 1024;
const START = "HTTP/1.";

const notHttp = (): LinkTrial =>
  new LinkTrial("What answers is not HTTP.", "Check the link's port and protocol: AWS's services listen on 443.");

/** The status line is enough: a service that wants a signature says 403, and is alive. */
export const parseStatusLine: Parse<number> = (bytes) => {
  if (!START.startsWith(bytes.subarray(0, START.length).toString("latin1"))) throw notHttp();
  const end = bytes.indexOf("\r\n");
  if (end === -1 && bytes.length <= MAX_LINE) return undefined;
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(bytes.subarray(0, Math.max(0, end)).toString("latin1"))?.[1];
  if (status === undefined) throw notHttp();
  return Number(status);
};

/** HEAD /, which changes nothing anywhere. Resolves to what is proven, in words; rejects with a LinkTrial. */
export const httpsHello = async (wire: Wire, hostname: string): Promise<string> => {
  wire.send(Buffer.from(`HEAD / HTTP/1.1\r\nHost: ${hostname}\r\nUser-Agent: spacegate\r\nConnection: close\r\n\r\n`));
  return `HTTPS answers ${await wire.read(parseStatusLine)}`;
};
