import { isIP, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { errnoOf, messageOf } from "../../lib/errors.ts";
import { oneLine } from "../../lib/text.ts";
import { LinkTrial } from "./trial.ts";

export interface Tls {
  readonly socket: TLSSocket;
  /** Milliseconds since the epoch; null when the certificate does not tell. */
  readonly expiresAt: number | null;
}

/** OpenSSL's words without its file names and numbers: "tlsv1 alert protocol version". */
export const tlsWords = (error: Error): string => {
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : undefined;
  return oneLine(reason ?? messageOf(error));
};

/** What the far end says instead of an answer when it wants to see a client's certificate. Source: RFC 8446, 6.2, and RFC 5246, 7.2. */
const WANTS_CERTIFICATE = /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE)$/;

/** Whether the far end ended TLS because this client has no certificate: a server that asks for one is alive. */
export const wantsCertificate = (thrown: unknown): boolean => WANTS_CERTIFICATE.test(errnoOf(thrown) ?? "");

const expiryIn = (socket: TLSSocket): number | null => {
  const until = Date.parse(socket.getPeerCertificate().valid_to ?? "");
  return Number.isNaN(until) ? null : until;
};

/**
 * TLS on an open socket. Nobody is trusted by it: Heroku's data services have self-signed certificates, and nothing is sent that
 * the link's own clients do not send. Rejects with a LinkTrial.
 */
export const startTls = (socket: Socket, hostname: string): Promise<Tls> =>
  new Promise((resolve, reject) => {
    const secured = connect({
      socket,
      rejectUnauthorized: false,
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    });
    let failure: Error | undefined;
    const fail = (): void =>
      reject(
        new LinkTrial(
          failure === undefined
            ? "The far end took the TCP connection and ended it during the TLS handshake."
            : `TLS cannot be agreed upon: ${tlsWords(failure)}.`,
          "The far end may have no healthy target, or speak without TLS: check the link's protocol and port.",
          failure,
        ),
      );
    secured.on("error", (error) => {
      failure ??= error;
    });
    secured.once("close", fail);
    // Of the socket below only its end comes up by itself.
    socket.once("close", () => secured.destroy());
    secured.once("secureConnect", () => {
      secured.off("close", fail);
      resolve({ socket: secured, expiresAt: expiryIn(secured) });
    });
  });
