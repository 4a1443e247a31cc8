import { connect } from "node:net";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import { unreachableError } from "./problem.ts";

/** Where charon listens unless strongswan.conf says otherwise (charon.plugins.vici.socket). */
export const DEFAULT_VICI_PATH = "/run/charon.vici";

/** What a session needs of a connected socket; `net.Socket` has it. */
export interface ViciSocket {
  write(bytes: Buffer): unknown;
  destroy(): unknown;
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "close", listener: () => void): unknown;
}

/** Connects to the socket at `path`; rejects with a SpacegateError. */
export type ViciConnector = (path: string) => Promise<ViciSocket>;

const refused = (path: string, cause: Error): SpacegateError => {
  const message = `cannot connect to charon's control socket ${path}: ${messageOf(cause)}`;
  if (errnoOf(cause) !== "EACCES") return unreachableError(message, cause);
  return new SpacegateError("VICI_UNREACHABLE", message, { fix: "Run it as root: the socket is root's alone.", cause });
};

export const connectUnix: ViciConnector = (path) => {
  const { promise, resolve, reject } = Promise.withResolvers<ViciSocket>();
  const socket = connect(path);
  socket.once("error", (cause) => reject(refused(path, cause)));
  socket.once("connect", () => resolve(socket));
  return promise;
};
