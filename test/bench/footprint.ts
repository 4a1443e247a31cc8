import { readFileSync } from "node:fs";
import { childrenOf } from "../lab/process-tree.ts";

/** Of the kernel's accounting; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process has used so far, without its children. */
export const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

/** Resident memory in MB (10^6 bytes). */
export const rssMb = (pid: number): number =>
  (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) * 1024) / 1e6;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export interface Footprint {
  readonly rssMb: number;
  readonly cpuPercent: number;
  /** With the processes that it started: probers and `ip`. */
  readonly withChildren: { readonly rssMb: number; readonly cpuPercent: number };
}

/** What a process needs while `wait` lasts; its children must stay the same. */
export const measureFootprint = async (pid: number, wait: () => Promise<void>): Promise<Footprint> => {
  const children = childrenOf(pid);
  const startedAt = performance.now();
  const [own, theirs] = [cpuSeconds(pid), sum(children.map(cpuSeconds))];
  await wait();
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuSeconds(pid) - own;
  const cpuOfChildren = sum(children.map(cpuSeconds)) - theirs;
  const memory = rssMb(pid);
  return {
    rssMb: memory,
    cpuPercent: (100 * cpu) / seconds,
    withChildren: { rssMb: memory + sum(children.map(rssMb)), cpuPercent: (100 * (cpu + cpuOfChildren)) / seconds },
  };
};
