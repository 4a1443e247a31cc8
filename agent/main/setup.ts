import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { addAbortSignal } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { LineProgress } from "../cli/progress.ts";
import type { SetupOptions } from "../cli/setup.ts";
import { nextText, type SetupReport, writtenText } from "../cli/setup-text.ts";
import { systemClock } from "../lib/clock.ts";
import { errnoOf, SpacegateError } from "../lib/errors.ts";
import { Teller } from "../lib/flow.ts";
import { parseCidr } from "../lib/ip.ts";
import { IpSession } from "../lib/ip-session.ts";
import type { Secret } from "../lib/secret.ts";
import { splitList } from "../lib/text.ts";
import { parseSettings } from "../settings/parse.ts";
import { cloudAddress } from "../setup/clouds.ts";
import { type Decided, decide } from "../setup/flow.ts";
import { missing } from "../setup/heroku-side.ts";
import { localNetworks, ownAddress } from "../setup/routes.ts";
import type { SetupHeroku, SetupHost } from "../setup/seams.ts";
import { settingsText } from "../setup/settings-text.ts";
import { assertMayWrite, storeToken, writeSettings } from "../setup/write.ts";
import { findToken, STORED_TOKEN_PATH, toToken } from "../source/token.ts";
import { begin, wait } from "../vpn/connect.ts";
import type { FlowDeps } from "../vpn/flow.ts";
import { PlatformVpn } from "../vpn/platform-vpn.ts";
import { preflight } from "../vpn/preflight.ts";
import { openHerokuApi } from "./heroku-api.ts";
import { metadataBase } from "./metadata-base.ts";
import { settingsPath } from "./open.ts";
import { openPrompts, type Prompts } from "./prompts.ts";
import { stopSignal } from "./stop-signal.ts";
import { commandFor } from "./vpn-command.ts";

const readTokenFile = async (path: string, signal: AbortSignal): Promise<Secret> => {
  if (path === "-") return toToken(await textOf(addAbortSignal(signal, process.stdin)), "standard input");
  const text = await readFile(path, "utf8").catch((thrown: unknown) => {
    throw new SpacegateError("TOKEN_MISSING", `${path} cannot be read (${errnoOf(thrown) ?? "unknown error"})`, {
      fix: "Name a file with the token alone in it, on one line.",
    });
  });
  return toToken(text, path);
};

const askToken = async (prompts: Prompts): Promise<Secret> => {
  const make = "heroku authorizations:create --description spacegate";
  return toToken(await prompts.secret(`Heroku API token? (\`${make}\` makes one.)`), "your answer");
};

/** By a file, else where the agent looks for it, else asked. */
const chooseToken = async (
  { tokenFile, root }: SetupOptions,
  prompts: Prompts | undefined,
  signal: AbortSignal,
): Promise<Secret> => {
  // What is typed into standard input as it is would be seen on the screen.
  if (tokenFile === "-" && prompts) return askToken(prompts);
  if (tokenFile !== undefined) return readTokenFile(tokenFile, signal);
  const found = await findToken(process.env, join(root, STORED_TOKEN_PATH));
  if (found) return found;
  if (!prompts) throw missing("--token-file", "there is no Heroku API token in HEROKU_API_KEY either");
  return askToken(prompts);
};

const hostOf = (ip: IpSession, root: string): SetupHost => ({
  ownAddress: (target) => ownAddress(ip, target),
  localNetworks: () => localNetworks(ip),
  publicAddress: async (signal) => {
    const vendor = await readFile(join(root, "/sys/class/dmi/id/sys_vendor"), "utf8").catch(() => "");
    return cloudAddress(vendor, signal, metadataBase());
  },
});

const herokuOf = (vpn: PlatformVpn): SetupHeroku => ({
  spaces: (signal) => vpn.spaces(signal),
  list: (space, signal) => vpn.list(space, signal),
  unfit: async (space, publicIp, routableCidrs, signal) =>
    preflight({ publicIp, routableCidrs }, await vpn.limits(space, signal)).map(({ text, right }) => `${text}; ${right}`),
  taken: async (space, signal) => {
    const { spaceBlocks, unavailable } = await vpn.limits(space, signal);
    return [...spaceBlocks, ...unavailable].filter((text) => parseCidr(text) !== undefined);
  },
});

const assertRoot = ({ root }: SetupOptions): void => {
  if (root !== "/" || process.getuid?.() === 0) return;
  throw new SpacegateError("NOT_ROOT", "Setup writes below /etc, and only root may.", {
    fix: "Run it with sudo; `--root DIR` puts everything below DIR, for a look.",
  });
};

/** Ctrl-C anywhere before something was written. */
const orCancelled = async <T>(signal: AbortSignal, job: () => Promise<T>): Promise<T> => {
  try {
    return await job();
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw new SpacegateError("INTERRUPTED", "Stopped. Nothing was changed.", {
      fix: "Run `spacegate setup` again when you like.",
    });
  }
};

const agree = async (
  text: string,
  { yes }: SetupOptions,
  prompts: Prompts | undefined,
  progress: LineProgress,
): Promise<void> => {
  if (yes || !prompts) return;
  progress.say(`\n${text}`);
  if (await prompts.confirm("Write these settings?")) return;
  throw new SpacegateError("INTERRUPTED", "Stopped. Nothing was changed.", { fix: "Run `spacegate setup` again when you like." });
};

const checksOf = async ({ check, root, config, json }: SetupOptions): Promise<SetupReport["checks"]> => {
  if (!check) return null;
  const { check: run } = await import("./check.ts");
  return (await run({ root, ...(config === undefined ? {} : { config }), json: json === true })) === 0 ? "passed" : "failed";
};

const nextCommands = ({ root, config }: SetupOptions): string[] => {
  if (root === "/" && config === undefined) return ["systemctl enable --now spacegate", "spacegate status"];
  const more = [...(config === undefined ? [] : ["--config", config]), ...(root === "/" ? [] : ["--root", root])].join(" ");
  return [`spacegate run ${more}`, `spacegate status ${more}`];
};

interface Written {
  readonly settings: string;
  readonly kept: string | null;
  readonly token: string | null;
}

const write = async (options: SetupOptions, text: string, token: Secret): Promise<Written> => {
  const settings = settingsPath(options);
  const credential = join(options.root, STORED_TOKEN_PATH);
  const stored = options.storeToken && (await storeToken(credential, token));
  const stamp = new Date(systemClock.now()).toISOString().replaceAll(/[-:]|\.\d+Z/g, "");
  const kept = await writeSettings(settings, text, stamp);
  return { settings, kept: kept ?? null, token: stored ? credential : null };
};

interface Opened {
  readonly options: SetupOptions;
  readonly progress: LineProgress;
  readonly prompts: Prompts | undefined;
  readonly flow: FlowDeps;
}

type Prepared = Decided & { readonly text: string };

/** Asks everything, and looks once more whether the result is right; nothing has changed until this resolves. */
const prepare = async (vpn: PlatformVpn, { options, progress, prompts, flow }: Opened): Promise<Prepared> => {
  const ip = new IpSession();
  try {
    const { subnets, ...flags } = options;
    const say = (line: string) => progress.say(line);
    const decided = await decide(
      { ...flags, subnets: subnets === undefined ? undefined : splitList(subnets) },
      { heroku: herokuOf(vpn), host: hostOf(ip, options.root), prompts, say, signal: flow.signal },
    );
    const text = settingsText(decided.chosen, new Date(systemClock.now()).toISOString().slice(0, 10));
    parseSettings(text, settingsPath(options));
    await agree(text, options, prompts, progress);
    flow.signal.throwIfAborted();
    return { ...decided, text };
  } finally {
    ip.stop();
  }
};

const mayReplace =
  ({ force }: SetupOptions, prompts: Prompts | undefined, path: string) =>
  async (): Promise<boolean> =>
    force ?? (prompts ? prompts.confirm(`${path} exists. Replace it? (It is kept beside the new one.)`) : false);

/** Heroku first: when it refuses, nothing has been written. */
const carryOut = ({ chosen, create, text }: Prepared, token: Secret, { options, progress, flow }: Opened): Promise<Written> => {
  const ref = { space: chosen.space, name: chosen.name };
  const teller = new Teller();
  return teller.run(flow.signal, async () => {
    if (create) await begin(ref, create, flow, teller);
    const written = await write(options, text, token);
    progress.say(writtenText(written));
    if (create && options.wait) await wait(ref, flow);
    return written;
  });
};

const finish = async (options: SetupOptions, { chosen, create }: Prepared, written: Written): Promise<number> => {
  const checks = await checksOf(options);
  const next = nextCommands(options);
  const connection = { space: chosen.space, name: chosen.name, created: create !== undefined };
  const report: SetupReport = { ...written, connection, checks, next };
  process.stdout.write(`${options.json ? JSON.stringify(report) : nextText(report)}\n`);
  return checks === "failed" ? 1 : 0;
};

export const setup = async (options: SetupOptions): Promise<number> => {
  assertRoot(options);
  const { signal, release } = stopSignal();
  const prompts = await openPrompts(signal);
  const progress = new LineProgress(process.stderr);
  const path = settingsPath(options);
  if (prompts) progress.say("Ctrl-C or Esc at any question leaves everything as it is.");
  await assertMayWrite(path, mayReplace(options, prompts, path));
  const token = await orCancelled(signal, () => chooseToken(options, prompts, signal));
  const vpn = new PlatformVpn(openHerokuApi(options.root, { token: async () => token }));
  const flow: FlowDeps = {
    heroku: vpn,
    clock: systemClock,
    progress,
    signal,
    pollMs: options.poll,
    timeoutMs: options.timeout,
    command: commandFor(options),
  };
  const opened = { options, progress, prompts, flow };
  const prepared = await orCancelled(signal, () => prepare(vpn, opened));
  // The line in place goes away also when an error is told.
  const written = await carryOut(prepared, token, opened).finally(() => progress.end());
  release();
  return finish(options, prepared, written);
};
