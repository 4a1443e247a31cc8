/* `npm run image`: builds the image, boots it in the place of the lab's gateway, and proves what it promises. */
import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../agent/lib/errors.ts";
import { LabError } from "../lab/check.ts";
import { spawnWithEvents } from "../lab/engines/spawn.ts";
import type { ScenarioResult } from "../lab/events.ts";
import { createExchange } from "../lab/exchange.ts";
import { installPackages } from "../lab/packages.ts";
import type { ImageCheck } from "./checks/check.ts";
import { OFF, POWER_ON, RUNNING } from "./checks/index.ts";
import type { ImageOptions } from "./options.ts";
import { type Preparation, prepare } from "./prepare.ts";
import { lineOf, table } from "./report.ts";

const ROOT = join(import.meta.dirname, "../..");
const CHECKS: readonly ImageCheck[] = [...OFF, ...POWER_ON, ...RUNNING];

/** The machine, its seed and disk, a stranger's scan, the way in, and the VPN gateways' own ESP. */
const TOOLS = [
  ...["qemu-system-x86", "qemu-utils", "cloud-image-utils", "fdisk", "e2fsprogs", "nmap", "openssh-client"],
  ...["libcharon-extra-plugins", "nftables"],
];

const HELP = `npm run image -- [--image PATH] [--upgrade PATH] [--check NAME[,NAME…]] [--list] [--logs]

  --image    an image that was built before; without it one is built first, as .image/spacegate-amd64.qcow2
  --upgrade  a package of a higher version than the image's, that was built before
  --check    prove only these, and that it boots
  --list     name the checks
  --logs     keep what every process printed in .image/logs, as is done after a failure anyway
`;

/** As a shell reports a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const say = (text: string): void => console.log(text);

const startedAt = performance.now();
const progress = (text: string): void => say(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${text}`);

const selected = (names: string | undefined): string[] => {
  const only = names?.split(",") ?? [];
  const unknown = only.find((name) => !CHECKS.some((check) => check.name === name));
  if (unknown !== undefined)
    throw new LabError(`--check ${unknown}: it must be one of ${CHECKS.map(({ name }) => name).join(", ")}`);
  return only;
};

/** Runs the cell, in which the machine, the networks and the VPN gateways live and with which they end. */
const runCell = async (exchange: string, options: ImageOptions, signal: AbortSignal): Promise<readonly ScenarioResult[]> => {
  writeFileSync(join(exchange, "options.json"), JSON.stringify(options));
  const [results, noise]: [ScenarioResult[], string[]] = [[], []];
  const argv = ["sh", "test/lab/engines/cell.sh", process.execPath, "test/image/cell.ts", exchange];
  await spawnWithEvents(argv, {
    ...{ project: ROOT, exchange, scenarios: [], signal },
    onEvent: (event) => {
      if (event.type === "progress") progress(`${event.scenario}: ${event.text}`);
      if (event.type !== "result") return;
      results.push(event.result);
      progress(lineOf(event.result));
    },
    onNoise: (line) => void noise.push(line),
  });
  if (results.length === 0) say(noise.slice(-30).join("\n"));
  return results;
};

const keepLogs = (exchange: string): void => {
  if (!existsSync(join(exchange, "logs"))) return;
  const kept = join(ROOT, ".image/logs");
  rmSync(kept, { recursive: true, force: true });
  cpSync(join(exchange, "logs"), kept, { recursive: true });
  say("What was captured is kept in .image/logs");
};

type Given = Pick<Preparation, "image" | "upgrade" | "only"> & { readonly logs: boolean };

const prove = async ({ logs, ...given }: Given, signal: AbortSignal): Promise<number> => {
  const exchange = createExchange();
  try {
    await installPackages(TOOLS, progress);
    const options = await prepare({ ...given, root: ROOT, work: exchange, say: progress, signal });
    progress(`qemu, ${options.accelerator}`);
    const results = signal.aborted ? [] : await runCell(exchange, options, signal);
    const wanted = CHECKS.filter(
      (check) => given.only.length === 0 || given.only.includes(check.name) || POWER_ON.includes(check),
    );
    const passed = results.filter(({ error }) => error === undefined).length;
    if (logs || passed < wanted.length) keepLogs(exchange);
    say(`\n${table(wanted, results)}\n\n${passed} passed, ${wanted.length - passed} failed`);
    return passed === wanted.length ? 0 : 1;
  } finally {
    rmSync(exchange, { recursive: true, force: true });
  }
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      image: { type: "string" },
      upgrade: { type: "string" },
      check: { type: "string" },
      list: { type: "boolean", default: false },
      logs: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) process.stdout.write(HELP);
  if (values.list) for (const { name, title } of CHECKS) say(`${name}  ${title}`);
  if (values.help || values.list) return 0;
  if (process.getuid?.() !== 0) throw new LabError("Network namespaces and tap devices are for root alone: run it as root.");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  const { image, upgrade, check, logs } = values;
  // Whatever an interruption ended, in whichever way it said so, has been cleaned up.
  const code = await prove({ image, upgrade, only: selected(check), logs }, stop.signal).catch((thrown: unknown) => {
    if (!stop.signal.aborted) throw thrown;
  });
  return stop.signal.aborted ? INTERRUPTED : (code ?? 1);
};

try {
  process.exit(await main());
} catch (thrown) {
  console.error(thrown instanceof LabError ? thrown.message : thrown instanceof Error ? thrown.stack : messageOf(thrown));
  process.exitCode = 1;
}
