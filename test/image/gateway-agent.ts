import type { Running } from "../lab/processes.ts";
import type { VirtualMachine } from "./machine.ts";

const UNIT = "spacegate";

/** The agent as a service of the machine: its output is its journal, and systemd starts it again when it is killed. */
export const serviceOf = (machine: VirtualMachine, journal: Running): Running => ({
  name: UNIT,
  pid: journal.pid,
  output: () => journal.output(),
  exitCode: () => journal.exitCode(),
  signal: (signal) => void machine.run("systemctl", "kill", `--signal=${signal}`, UNIT),
  stop: async () => void (await machine.run("systemctl", "stop", UNIT)),
  kill: async () => void (await machine.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", UNIT)),
});

export const JOURNAL = ["journalctl", "--unit", UNIT, "--boot", "--output=cat", "--lines=all", "--no-pager"];

/** The value of one of the service's properties. */
export const propertyOf = (machine: VirtualMachine, property: string): Promise<string> =>
  machine.run("systemctl", "show", `--property=${property}`, "--value", UNIT);
