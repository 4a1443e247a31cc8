import { LineProgress } from "../cli/progress.ts";
import type { VpnOptions } from "../cli/vpn.ts";
import { connectionText, destroyedText, rotatedText, type ShownConnection } from "../cli/vpn-text.ts";
import { systemClock } from "../lib/clock.ts";
import type { Confirmation } from "../lib/confirm.ts";
import { NOTHING, orInterrupted } from "../lib/flow.ts";
import { splitList } from "../lib/text.ts";
import { askStatus } from "../loop/ask.ts";
import { fingerprintKey } from "../loop/world.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import { type Settings, settingsSchema } from "../model/settings.ts";
import { fingerprintWith } from "../render/fingerprint.ts";
import { readSettings } from "../settings/read.ts";
import { connect, wait } from "../vpn/connect.ts";
import { destroy, findOrRefuse } from "../vpn/destroy.ts";
import type { FlowDeps, Verb } from "../vpn/flow.ts";
import type { AskAgent } from "../vpn/follow.ts";
import type { VpnConnection } from "../vpn/heroku-vpn.ts";
import { PlatformVpn } from "../vpn/platform-vpn.ts";
import { RotationFiles } from "../vpn/record.ts";
import { completeRef, completeWanted, type Given, type Question } from "../vpn/request.ts";
import { rotate } from "../vpn/rotate.ts";
import { openHerokuApi } from "./heroku-api.ts";
import { settingsPath } from "./open.ts";
import { openPrompts, type Prompts } from "./prompts.ts";
import { stopSignal } from "./stop-signal.ts";
import { commandFor } from "./vpn-command.ts";

/** Where the settings say nothing, their own defaults. */
const DEFAULT_LISTEN = settingsSchema.shape.listen.parse({});

/** A gateway that is being made has none yet; a file that was named must be right. */
const settingsIfAny = async (options: VpnOptions): Promise<Settings | undefined> => {
  if (options.config !== undefined) return readSettings(settingsPath(options));
  return readSettings(settingsPath(options)).catch(() => undefined);
};

/** For eyes and scripts: PSKs only as fingerprints, which are the agent's own where this host has its key. */
const shown = async (ref: ConnectionRef, connection: VpnConnection, root: string): Promise<ShownConnection> => {
  const key = await fingerprintKey(root, true).catch(() => fingerprintKey(root, false));
  const fingerprint = fingerprintWith(key);
  return {
    space: ref.space,
    name: connection.name,
    id: connection.id,
    status: connection.status,
    status_message: connection.statusMessage,
    ike_version: connection.ikeVersion ?? null,
    public_ip: connection.publicIp,
    routable_cidrs: connection.routableCidrs,
    space_cidr_block: connection.spaceCidr,
    tunnels: connection.tunnels.map((tunnel) => ({
      ip: tunnel.ip,
      customer_ip: tunnel.customerIp,
      status: tunnel.status,
      status_message: tunnel.statusMessage,
      last_status_change: tunnel.lastStatusChange,
      psk_fingerprint: tunnel.psk ? fingerprint(tunnel.psk) : "",
    })),
  };
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const agentAt =
  (settings: Settings | undefined, root: string): AskAgent =>
  async ({ space, name }) => {
    const { connections } = await askStatus(settings?.listen ?? DEFAULT_LISTEN, root);
    return connections.find((one) => one.space === space && one.name === name);
  };

const confirmation = (options: VpnOptions, prompts: Prompts | undefined): Confirmation => ({
  given: options.confirm,
  ask: prompts && ((name) => prompts.text({ message: `To go on, type the connection's name (${name})`, check: () => undefined })),
});

interface Opened {
  readonly options: VpnOptions;
  readonly given: Given;
  readonly settings: Settings | undefined;
  readonly prompts: Prompts | undefined;
  readonly rotations: RotationFiles;
  readonly deps: FlowDeps;
}

/** The only connection of a space; a new one is named by a person. */
const onlyOne =
  ({ options, rotations, deps }: Opened) =>
  async (space: string): Promise<string | undefined> => {
    const rotation = await rotations.read(space);
    if (rotation || options.verb === "connect") return rotation?.name;
    const [only, ...more] = await deps.heroku.list(space, deps.signal);
    return more.length === 0 ? only?.name : undefined;
  };

const ACTS: Readonly<Record<Verb, (ref: ConnectionRef, opened: Opened) => Promise<string>>> = {
  connect: async (ref, { given, settings, rotations, prompts, deps, options }) => {
    const rotation = await rotations.read(ref.space);
    const wanted = await completeWanted(ref, given, settings, rotation, prompts && ((question) => prompts.text(question)));
    const connection = await connect(ref, wanted, deps);
    // What an interrupted rotation had left to do is done by this.
    if (rotation) await rotations.remove(ref.space);
    const view = await shown(ref, connection, options.root);
    return options.json ? JSON.stringify(view) : connectionText(view);
  },
  wait: async (ref, { deps, options }) => {
    const view = await shown(ref, await wait(ref, deps), options.root);
    return options.json ? JSON.stringify(view) : connectionText(view);
  },
  info: async (ref, { deps, options }) => {
    const connection = await orInterrupted(deps.signal, NOTHING, () => findOrRefuse(ref, deps));
    const view = await shown(ref, connection, options.root);
    return options.json ? JSON.stringify(view) : connectionText(view);
  },
  rotate: async (ref, { settings, rotations, prompts, deps, options }) => {
    const agent = agentAt(settings, options.root);
    const { connection, followed } = await rotate(ref, confirmation(options, prompts), { ...deps, agent, rotations });
    const view = await shown(ref, connection, options.root);
    return options.json ? JSON.stringify({ ...view, agent: followed }) : `${connectionText(view)}\n\n${rotatedText(followed)}`;
  },
  destroy: async (ref, { rotations, prompts, deps, options }) => {
    await destroy(ref, confirmation(options, prompts), deps);
    await rotations.remove(ref.space);
    return options.json ? JSON.stringify({ ...ref, status: "gone" }) : destroyedText(connectionKey(ref));
  },
};

export const vpn = async (options: VpnOptions): Promise<number> => {
  const settings = await settingsIfAny(options);
  const { signal } = stopSignal();
  const prompts = await openPrompts(signal);
  const progress = new LineProgress(process.stderr);
  const deps: FlowDeps = {
    heroku: new PlatformVpn(openHerokuApi(options.root)),
    clock: systemClock,
    progress,
    signal,
    pollMs: options.poll,
    timeoutMs: options.timeout,
    command: commandFor(options),
  };
  const { name, space, ip, cidrs } = options;
  const given: Given = { name, space, ip, cidrs: cidrs === undefined ? undefined : splitList(cidrs) };
  const opened: Opened = { options, given, settings, prompts, rotations: new RotationFiles(options.root), deps };
  try {
    const ask = prompts && ((question: Question) => prompts.text(question));
    const ref = await orInterrupted(signal, NOTHING, () => completeRef(given, settings, ask, onlyOne(opened)));
    const text = await ACTS[options.verb](ref, opened);
    progress.end();
    print(text);
    return 0;
  } finally {
    progress.end();
  }
};
