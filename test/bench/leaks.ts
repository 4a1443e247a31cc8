import { readdirSync, readlinkSync } from "node:fs";
import type { Lab } from "../lab/lab.ts";
import { childrenOf } from "../lab/process-tree.ts";

/** What an agent could leave behind, counted. */
export interface Holdings {
  readonly children: number;
  readonly sockets: number;
  readonly openFiles: number;
  readonly ikeSas: number;
  readonly childSas: number;
  readonly routes: number;
  readonly rules: number;
}

const descriptors = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      // It was closed meanwhile.
      return [];
    }
  });

const lines = async (lab: Lab, argv: readonly string[]): Promise<number> =>
  (await lab.inGateway(argv)).stdout.split("\n").filter((line) => line !== "").length;

export const countHoldings = async (lab: Lab, pid: number): Promise<Holdings> => {
  const [sas, open] = [await lab.sas(), descriptors(pid)];
  return {
    children: childrenOf(pid).length,
    sockets: open.filter((target) => target.startsWith("socket:")).length,
    openFiles: open.length,
    ikeSas: sas.length,
    childSas: sas.flatMap(({ children }) => children).length,
    routes: await lines(lab, ["ip", "route", "show", "table", "all"]),
    rules: await lines(lab, ["ip", "rule", "show"]),
  };
};

/** "sockets 9 -> 12", one for each count that has grown. */
export const grown = (before: Holdings, after: Holdings): string[] =>
  (Object.keys(before) as (keyof Holdings)[]).flatMap((name) =>
    after[name] > before[name] ? [`${name} ${before[name]} -> ${after[name]}`] : [],
  );
