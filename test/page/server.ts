import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { buildServer } from "../../agent/expose/server.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import type { Sample } from "./samples.ts";

const EVERYBODY = { hosts: undefined, isAllowed: () => true, isLocal: () => false };

/** The page's own files, only in more of a hurry. */
const asset = async (name: string): Promise<string> => {
  const text = await readFile(new URL(`../../templates/page/${name}`, import.meta.url), "utf8");
  return text.replace('data-every="3000"', 'data-every="300"');
};

type ReadAsset = (name: string, read: () => Promise<string>) => Promise<string>;

/** The agent's own server, not listening yet, that shows what `sample` returns. */
export const pageServer = (
  sample: () => Sample,
  host = "gw-fra-1",
  readAsset: ReadAsset = (_name, read) => read(),
): FastifyInstance => {
  const history = {
    events: () => sample().history.events(),
    series: (conn: string) => sample().history.series(conn),
    pointMs: sample().history.pointMs,
  };
  const status = () => sample().status;
  const page = { status, history, host, asset: (name: string) => readAsset(name, () => asset(name)) };
  return buildServer(createServer(), { status, declared: WARNINGS, page }, EVERYBODY);
};

/** Listens on loopback and returns the page's URL. */
export const listenAnywhere = async (app: FastifyInstance): Promise<string> => {
  await app.listen({ host: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`;
};
