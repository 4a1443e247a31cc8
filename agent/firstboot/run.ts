import { SpacegateError } from "../lib/errors.ts";
import type { Secret } from "../lib/secret.ts";
import type { FirstBoot, FirstBootReport } from "../model/first-boot.ts";
import type { Settings } from "../model/settings.ts";
import { type Fetched, fetchSettings, fetchToken, type Sources } from "./fetch.ts";
import { isRecorded, record } from "./record.ts";
import type { Interfaces, Pace } from "./seams.ts";
import { makeForward } from "./source-dest.ts";
import { isThere, writeSettings, writeToken } from "./write.ts";

export interface FirstBootDeps extends Sources {
  /** undefined where this host is not an EC2 instance. */
  readonly interfaces: Interfaces | undefined;
  /** Tells this instance from others made of the same image; "" where nothing does. */
  readonly machine: string;
  readonly pace: Pace;
  /** Throw SETTINGS_INVALID. */
  readonly parseSettings: (text: string, origin: string) => Settings;
  readonly inlineSettings: (inline: object) => { readonly text: string; readonly settings: Settings };
  /** Throws TOKEN_MISSING. */
  readonly toToken: (text: string, origin: string) => Secret;
  readonly paths: { readonly settings: string; readonly token: string; readonly record: string };
}

export interface FirstBootWish {
  /** Settings that are there are replaced. */
  readonly force: boolean;
  /** The token is fetched although there is one. */
  readonly refreshToken: boolean;
}

interface Ready {
  /** undefined: those that are there stay. */
  readonly settings: string | undefined;
  /** undefined: the one that is there stays, or none is wanted. */
  readonly token: { readonly value: Secret; readonly notes: readonly string[] } | undefined;
}

const settingsText = async (
  { settings }: FirstBoot,
  deps: FirstBootDeps,
): Promise<ReturnType<FirstBootDeps["inlineSettings"]>> => {
  if (settings.inline) return deps.inlineSettings(settings.inline);
  const { value, origin } = await fetchSettings(settings, deps, deps.pace);
  return { text: value.reveal(), settings: deps.parseSettings(value.reveal(), origin) };
};

const tokenNeeded = (): SpacegateError =>
  new SpacegateError("SETTINGS_INVALID", "token is missing, and the settings say heroku.source: platform-api.", {
    fix: "Add token: { ssm_parameter: NAME }, { secret: NAME } or { file: PATH } to the first-boot file.",
  });

const checkedToken = ({ value, origin, notes }: Fetched, deps: FirstBootDeps): NonNullable<Ready["token"]> => ({
  value: deps.toToken(value.reveal(), origin),
  notes,
});

/** Fetches and judges everything that is wanted: nothing is written before all of it is right. */
const prepare = async (wanted: FirstBoot, { force, refreshToken }: FirstBootWish, deps: FirstBootDeps): Promise<Ready> => {
  const { paths, pace } = deps;
  const fresh = force || !(await isThere(paths.settings)) ? await settingsText(wanted, deps) : undefined;
  const isMissing = refreshToken || !(await isThere(paths.token));
  if (isMissing && !wanted.token && fresh?.settings.heroku.source === "platform-api") throw tokenNeeded();
  const fetched = isMissing && wanted.token ? await fetchToken(wanted.token, deps, pace) : undefined;
  return { settings: fresh?.text, token: fetched && checkedToken(fetched, deps) };
};

const tokenState = async (wanted: FirstBoot, ready: Ready, path: string): Promise<FirstBootReport["token"]["state"]> => {
  if (ready.token) return (await writeToken(path, ready.token.value)) ? "written" : "unchanged";
  return wanted.token ? "kept" : "not-wanted";
};

const forwarding = async (
  mode: FirstBoot["source_dest_check"],
  deps: FirstBootDeps,
): Promise<FirstBootReport["source_dest_check"]> => {
  const { interfaces, machine, pace, paths } = deps;
  if (mode === "ignore") return { state: "ignored", interfaces: [] };
  if (!interfaces) return { state: "not-ec2", interfaces: [] };
  if (await isRecorded(paths.record, machine)) return { state: "known", interfaces: [] };
  const found = await makeForward(mode, interfaces, pace);
  await record(paths.record, machine);
  return found;
};

/**
 * Makes a fresh image a gateway. What is done already is left alone, so that every boot may run it. The token is written before the
 * settings: the service waits for these. Rejects with SETTINGS_INVALID, TOKEN_MISSING, FIRST_BOOT_REFUSED, FIRST_BOOT_TIMEOUT,
 * SOURCE_DEST_CHECK_ON or HOST_WRITE_FAILED; the tunnels need nothing of what is looked at last.
 */
export const firstBoot = async (
  file: string,
  wanted: FirstBoot,
  wish: FirstBootWish,
  deps: FirstBootDeps,
): Promise<FirstBootReport> => {
  const { paths } = deps;
  const ready = await prepare(wanted, wish, deps);
  const token = { path: paths.token, state: await tokenState(wanted, ready, paths.token) };
  if (ready.settings !== undefined) await writeSettings(paths.settings, ready.settings, wish.force);
  return {
    file,
    settings: { path: paths.settings, state: ready.settings === undefined ? "kept" : "written" },
    token,
    source_dest_check: await forwarding(wanted.source_dest_check, deps),
    notes: ready.token?.notes ?? [],
  };
};
