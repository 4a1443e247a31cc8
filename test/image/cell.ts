/* Runs the checks inside a cell of the lab: `cell.ts EXCHANGE`. Events go to standard output. */
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../agent/lib/clock.ts";
import { messageOf } from "../../agent/lib/errors.ts";
import { LabError } from "../lab/check.ts";
import { formatEvent, type LabEvent } from "../lab/events.ts";
import { CHARON_LOG } from "../lab/strongswan.ts";
import type { ImageCheck } from "./checks/check.ts";
import { OFF, POWER_ON, RUNNING } from "./checks/index.ts";
import { ImageLab } from "./image-lab.ts";
import type { ImageOptions } from "./options.ts";

const WORK = "/run/lab";
const LOGS = join(WORK, "logs");

// Written at once: the last event must be out before the cell ends.
const emit = (event: LabEvent): void => void process.stdout.write(formatEvent(event));

let current = "preparation";
const progress = (text: string): void => emit({ type: "progress", scenario: current, text });

const [, , exchange = ""] = process.argv;
const options = JSON.parse(readFileSync(join(exchange, "options.json"), "utf8")) as ImageOptions;
mkdirSync(LOGS, { recursive: true });

// A stack helps only where nobody has foreseen the failure.
const describe = (thrown: unknown): string =>
  thrown instanceof Error && !(thrown instanceof LabError) ? (thrown.stack ?? thrown.message) : messageOf(thrown);

const keepLogs = async (lab: ImageLab): Promise<void> => {
  for (const peer of lab.peers) lab.processes.keep(`${peer.name}-charon`, await peer.read(CHARON_LOG));
  const journal = await lab.inGateway(["journalctl", "--boot", "--no-pager"], true);
  lab.processes.keep("journal", journal.stdout);
  cpSync(LOGS, join(exchange, "logs"), { recursive: true });
};

/** True when it passed. */
const runCheck = async ({ name, run }: ImageCheck, lab: ImageLab): Promise<boolean> => {
  current = name;
  const startedAt = systemClock.monotonic();
  lab.findings.notes.length = 0;
  const error = await run(lab).then(() => undefined, describe);
  const seconds = Number(((systemClock.monotonic() - startedAt) / 1000).toFixed(1));
  const notes = [...lab.findings.notes];
  emit({ type: "result", result: { scenario: name, engine: "native", seconds, notes, ...(error ? { error } : {}) } });
  return error === undefined;
};

const wanted = ({ name }: ImageCheck): boolean => options.only.length === 0 || options.only.includes(name);

const runAll = async (lab: ImageLab): Promise<boolean> => {
  let passed = true;
  for (const check of OFF.filter(wanted)) passed = (await runCheck(check, lab)) && passed;
  current = "power-on";
  progress("switching the machine on");
  await lab.machine.start();
  for (const check of POWER_ON) if (!(await runCheck(check, lab))) return false;
  for (const check of RUNNING.filter(wanted)) passed = (await runCheck(check, lab)) && passed;
  return passed;
};

let lab: ImageLab | undefined;
try {
  lab = await ImageLab.make(WORK, LOGS, options, progress);
  const passed = await runAll(lab);
  await keepLogs(lab);
  process.exit(passed ? 0 : 1);
} catch (thrown) {
  if (lab) await keepLogs(lab).catch(() => undefined);
  emit({ type: "result", result: { scenario: current, engine: "native", seconds: 0, notes: [], error: describe(thrown) } });
  process.exit(1);
}
