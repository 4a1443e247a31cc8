import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "../../agent/lib/clock.ts";
import type { Lab } from "./lab.ts";

/*
 * --keep: a person types commands, and they run inside. They travel as one file each through the directory that cells share
 * with the machine, because a machine of user-mode Linux can be entered in no other way.
 */

export const HOW_TO_LOOK_INSIDE = `Running until Ctrl-C. Type a command and it runs inside; gw, vgw1, vgw2, lan, inet and dyno say where:
  gw ipsec statusall
  gw cat /etc/ipsec.conf
  lan ping -c 3 10.0.0.10
  vgw1 swanctl --list-sas
  gw ip route`;

const file = (exchange: string, number: number): string => join(exchange, "typed", String(number));

/** Hands every typed line to the cell. */
export const forwardTyped = (exchange: string): void => {
  mkdirSync(join(exchange, "typed"), { recursive: true });
  let number = 0;
  createInterface({ input: process.stdin }).on("line", (line) => {
    writeFileSync(`${file(exchange, number)}.new`, line);
    renameSync(`${file(exchange, number)}.new`, file(exchange, number));
    number += 1;
  });
};

const shellFunctions = (lab: Lab): string =>
  [
    ...[lab.gateway, ...lab.peers].map((box) => `${box.name}() { ${box.inside([]).join(" ")} "$@"; }`),
    ...["lan", "inet", "dyno"].map((name) => `${name}() { ip netns exec ${name} "$@"; }`),
  ].join("\n");

/** Runs what `forwardTyped` hands over, for ever. */
export const runTyped = async (exchange: string, lab: Lab, show: (text: string) => void): Promise<never> => {
  for (let number = 0; ; number += 1) {
    while (!existsSync(file(exchange, number))) await systemClock.sleep(200);
    const line = readFileSync(file(exchange, number), "utf8");
    const { stdout, stderr } = await lab.processes.run(["sh", "-c", `${shellFunctions(lab)}\n${line}`], { mayFail: true });
    show(`${stdout}${stderr}`.trimEnd());
  }
};
