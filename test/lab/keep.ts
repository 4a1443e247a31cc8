import { readdirSync, readFileSync } from "node:fs";
import type { EngineName } from "./engines/engine.ts";

const childrenOf = (pid: string): string[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean),
  );

const descendantsOf = (pid: string): string[] => childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

const commandOf = (pid: string): string => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");

/** Commands for another terminal; a machine of user-mode Linux cannot be entered. */
export const howToLookInside = (engine: EngineName): string => {
  const pids = descendantsOf(String(process.pid));
  const cell = pids.find((pid) => commandOf(pid).includes("test/lab/cell.ts") && !commandOf(pid).startsWith("unshare"));
  if (engine === "uml" || !cell) return "Running until Ctrl-C.";
  const enter = `nsenter -t ${cell} --mount --pid --net`;
  return `Running until Ctrl-C. To look inside, in another terminal:
  ${enter}                                  a shell in the gateway's network
  ${enter} ip netns exec lan ping 10.0.0.10`;
};
