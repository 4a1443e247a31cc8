import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";

export interface Trust {
  /** Instead of 127.0.0.1. */
  readonly host?: string;
  readonly ca?: string;
  readonly servername?: string;
  /** Of an earlier connection, to be resumed. */
  readonly session?: Buffer;
  readonly cert?: string;
  readonly key?: string;
  readonly maxVersion?: "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  readonly minVersion?: "TLSv1" | "TLSv1.2";
  readonly ciphers?: string;
}

export interface Reply {
  readonly code: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly certificate: PeerCertificate;
}

/** GET over TLS as a real client does it, verification and all. Rejects when either end refuses the other. */
export const getHttps = (port: number, path: string, trust: Trust, headers: Record<string, string> = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers, agent: false, timeout: 5000, ...trust }, (answer) => {
      const certificate = (answer.socket as TLSSocket).getPeerCertificate();
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body += text));
      answer.on("end", () => resolve({ code: answer.statusCode, headers: answer.headers, body, certificate }));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });

/** A TLS connection that stays open. */
export const openTls = (port: number, trust: Trust): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ...trust }, () => resolve(socket));
    socket.on("error", reject);
  });
