import { request } from "node:http";
import { join } from "node:path";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import { LOCAL_SOCKET_PATH } from "../model/paths.ts";
import type { Settings } from "../model/settings.ts";
import type { Status } from "../model/status.ts";

type Listen = Settings["listen"];
type Where = { readonly socketPath: string } | { readonly host: string; readonly port: number };

const ASK_MS = 3000;
/** Far above the status of a thousand connections. */
const MAX_LENGTH = 64 * 1024 * 1024;

/** Rejects with the system's error, or one that names the HTTP status. */
const bodyFrom = (where: Where, method = "GET", path = "/api/status"): Promise<string> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ASK_MS);
    const asked = request({ ...where, method, path, agent: false, signal }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => {
        body += text;
        if (body.length > MAX_LENGTH) asked.destroy(new Error("its answer does not end"));
      });
      answer.on("error", reject);
      answer.on("end", () => (answer.statusCode === 200 ? resolve(body) : reject(new Error(`it answered ${answer.statusCode}`))));
    });
    asked.on("error", reject);
    asked.end();
  });

/** Of the same version, or of another; it is enough to tell the agent from whatever else may listen there. */
const isStatus = (told: unknown): told is Status =>
  typeof told === "object" &&
  told !== null &&
  "status" in told &&
  "passes" in told &&
  "connections" in told &&
  Array.isArray(told.connections);

const statusFrom = async (where: Where): Promise<Status> => {
  const told: unknown = JSON.parse(await bodyFrom(where));
  if (!isStatus(told)) throw new Error("what answers there is something else");
  return told;
};

const notRunning = (where: string, thrown: unknown): SpacegateError =>
  new SpacegateError("NOT_RUNNING", `The agent does not answer on ${where}: ${messageOf(thrown)}`, {
    fix:
      errnoOf(thrown) === "EACCES"
        ? "Run this as root: only root may ask the agent on its socket."
        : "systemctl start spacegate, or `spacegate run` in another terminal; --config must name the same settings.",
    cause: thrown,
  });

/** Those who may not use the socket can ask as everybody may, where neither certificate nor token is wanted. */
const overTcp = async ({ address, port }: Listen): Promise<Status> => {
  const host = address === "0.0.0.0" ? "127.0.0.1" : address;
  return statusFrom({ host, port }).catch((thrown: unknown) => {
    throw notRunning(`http://${host}:${port}`, thrown);
  });
};

/** The running agent's snapshot, over its local socket only: whatever the settings say. Rejects with NOT_RUNNING. */
export const askLocally = async (root: string): Promise<Status> => {
  const socketPath = join(root, LOCAL_SOCKET_PATH);
  return statusFrom({ socketPath }).catch((thrown: unknown) => {
    throw notRunning(socketPath, thrown);
  });
};

/** Has the running agent do what only its own commands may ask for. Rejects with NOT_RUNNING. */
export const tellLocally = async (root: string, method: "POST" | "DELETE", path: string): Promise<void> => {
  const socketPath = join(root, LOCAL_SOCKET_PATH);
  await bodyFrom({ socketPath }, method, path).catch((thrown: unknown) => {
    throw notRunning(socketPath, thrown);
  });
};

/**
 * The running agent's snapshot: over its local socket, which neither certificates nor tokens concern, else over plain HTTP.
 * `root` is put before the socket's path. Rejects with NOT_RUNNING.
 */
export const askStatus = async (listen: Listen, root: string): Promise<Status> => {
  const socketPath = join(root, LOCAL_SOCKET_PATH);
  return statusFrom({ socketPath }).catch((thrown: unknown) => {
    if (listen.tls || listen.token_file !== undefined) throw notRunning(socketPath, thrown);
    return overTcp(listen);
  });
};
