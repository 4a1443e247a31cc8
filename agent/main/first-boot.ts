import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isEc2 } from "../check/ec2.ts";
import { systemReader } from "../check/system-reader.ts";
import type { FirstBootOptions } from "../cli/first-boot.ts";
import { firstBootText } from "../cli/first-boot-text.ts";
import { ec2Interfaces, instanceRegion } from "../firstboot/interfaces.ts";
import { keepTrying } from "../firstboot/patience.ts";
import { RECORD_PATH } from "../firstboot/record.ts";
import { type FirstBootDeps, firstBoot as fulfil } from "../firstboot/run.ts";
import type { Pace } from "../firstboot/seams.ts";
import { awsVault } from "../firstboot/vault.ts";
import { readBounded } from "../lib/bounded-file.ts";
import { systemClock } from "../lib/clock.ts";
import { SpacegateError } from "../lib/errors.ts";
import { FIRST_BOOT_PATH, type FirstBoot, type FirstBootReport } from "../model/first-boot.ts";
import { inlineSettings, readFirstBoot } from "../settings/first-boot.ts";
import { parseSettings } from "../settings/parse.ts";
import { DEFAULT_SETTINGS_PATH } from "../settings/read.ts";
import { STORED_TOKEN_PATH, toToken } from "../source/token.ts";
import { metadataBase } from "./metadata-base.ts";
import { stopSignal } from "./stop-signal.ts";

const assertRoot = ({ root }: FirstBootOptions): void => {
  if (root !== "/" || process.getuid?.() === 0) return;
  throw new SpacegateError("NOT_ROOT", "It writes below /etc, and only root may.", {
    fix: "Run it with sudo; `--root DIR` puts everything below DIR.",
  });
};

const paceOf = ({ wait }: FirstBootOptions, signal: AbortSignal): Pace => ({
  clock: systemClock,
  random: Math.random,
  signal,
  waitMs: wait,
  begun: systemClock.monotonic(),
  say: (text) => process.stderr.write(`${text}\n`),
});

/** Named, else the variable of AWS's own programs, else where the instance is; asked for once, and only when it is needed. */
const regionOf = ({ region }: FirstBoot, pace: Pace): (() => Promise<string>) => {
  let asked: Promise<string> | undefined;
  return () => {
    const named = region ?? process.env.AWS_REGION;
    asked ??= named ? Promise.resolve(named) : keepTrying(pace, () => instanceRegion(metadataBase(), pace.signal));
    return asked;
  };
};

const depsOf = async (wanted: FirstBoot, options: FirstBootOptions, signal: AbortSignal): Promise<FirstBootDeps> => {
  const { root } = options;
  const pace = paceOf(options, signal);
  const region = regionOf(wanted, pace);
  const file = join(root, FIRST_BOOT_PATH);
  return {
    vault: awsVault(region),
    readText: async (path) => (await readBounded(join(root, path))).text,
    interfaces: (await isEc2(systemReader(root))) ? ec2Interfaces(metadataBase(), region, signal) : undefined,
    // On EC2 this is the instance's id.
    machine: (await readFile(join(root, "/sys/class/dmi/id/board_asset_tag"), "utf8").catch(() => "")).trim(),
    pace,
    parseSettings,
    inlineSettings: (inline) => inlineSettings(inline, file),
    toToken,
    paths: {
      settings: join(root, DEFAULT_SETTINGS_PATH),
      token: join(root, STORED_TOKEN_PATH),
      record: join(root, RECORD_PATH),
    },
  };
};

const nothing = (root: string): FirstBootReport => ({
  file: null,
  settings: { path: join(root, DEFAULT_SETTINGS_PATH), state: "kept" },
  token: { path: join(root, STORED_TOKEN_PATH), state: "not-wanted" },
  source_dest_check: { state: "ignored", interfaces: [] },
  notes: [],
});

const reportOf = async (options: FirstBootOptions, signal: AbortSignal): Promise<FirstBootReport> => {
  const file = join(options.root, FIRST_BOOT_PATH);
  const wanted = await readFirstBoot(file);
  if (!wanted) return nothing(options.root);
  const wish = { force: options.force === true, refreshToken: options.refreshToken === true };
  return fulfil(file, wanted, wish, await depsOf(wanted, options, signal));
};

export const firstBoot = async (options: FirstBootOptions): Promise<number> => {
  assertRoot(options);
  const { signal, release } = stopSignal();
  const report = await reportOf(options, signal).catch((thrown: unknown) => {
    if (!signal.aborted) throw thrown;
    throw new SpacegateError("INTERRUPTED", "Stopped. What is there is whole.", { fix: "Run `spacegate first-boot` again." });
  });
  release();
  process.stdout.write(`${options.json ? JSON.stringify(report) : firstBootText(report)}\n`);
  return 0;
};
