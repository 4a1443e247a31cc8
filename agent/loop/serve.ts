import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { PageDeps } from "../expose/page-routes.ts";
import { alertLine } from "../health/reasons.ts";
import { WARNINGS } from "../health/warnings.ts";
import { messageOf } from "../lib/errors.ts";
import type { LogSwitch } from "../lib/log-switch.ts";
import type { Logger } from "../lib/logger.ts";
import type { Secret } from "../lib/secret.ts";
import { DEBIAN_PATHS } from "../model/paths.ts";
import { isOwnConn } from "../plan/naming.ts";
import { TEMPLATE_NAMES } from "../render/templates.ts";
import { readAndKeep, type SettingsPlaces } from "../settings/last-good.ts";
import { SettingsWatcher } from "../settings/watch.ts";
import { watchFile } from "../source/index.ts";
import { type CharonEventsDeps, charonEvents } from "./charon-events.ts";
import { Door } from "./door.ts";
import type { Gateway } from "./gateway.ts";
import { openRecorder, type Recorder } from "./history.ts";
import { Links, type OpenKeeper } from "./links.ts";
import { asError } from "./pass.ts";
import type { Sources } from "./sources.ts";
import type { Host, Workshop } from "./world.ts";

export interface Served {
  readonly settingsPlaces: SettingsPlaces;
  readonly templates: string;
  readonly builtInTemplates: string;
  readonly log: Logger;
  readonly levels: LogSwitch;
  readonly host: Host;
  readonly workshop: Workshop;
  readonly gateway: Gateway;
  readonly sources: Sources;
  readonly openKeeper: OpenKeeper;
  /** Keeps a secret out of the log. */
  readonly remember: (secret: Secret) => void;
}

const watchSettings = (served: Served, door: Door, links: Links): SettingsWatcher => {
  const { settingsPlaces, gateway, levels, log, sources } = served;
  return new SettingsWatcher({
    file: settingsPlaces.file,
    current: gateway.settings,
    read: () => readAndKeep(settingsPlaces, log),
    log,
    onChange: (settings) => {
      log.info({}, "the settings are in force");
      levels.use(settings.log.level);
      gateway.useSettings(settings);
      void door.use(settings.listen);
      links.use(settings);
      void sources.use(settings).then(
        () => gateway.requestPass(),
        (thrown) => gateway.refuseSettings(asError(thrown)),
      );
    },
    onRefused: (error) => {
      log.error({ code: error.code, fix: error.fix }, error.message);
      gateway.refuseSettings(error);
    },
  });
};

/** Every file that the agent writes for strongSwan, in either install mode: whoever edits one is noticed at once. */
const renderedPaths = (root: string): string[] => {
  const { conf, secrets, includeDirectory, daemonFragment } = DEBIAN_PATHS;
  const included = ["spacegate.conf", "spacegate.secrets"].map((name) => join(includeDirectory, name));
  return [conf, secrets, daemonFragment, ...included].map((path) => join(root, path));
};

const eventDeps = ({ host: { clock, lines }, log, workshop: { bringUp } }: Served): CharonEventsDeps => ({
  ...{ clock, log, lines },
  onReturn: () => bringUp.reset(),
  onAlert: (conn, type) => {
    log.debug({ conn, alert: type }, "an alert of charon's");
    bringUp.hear(conn, alertLine(type));
  },
});

const pageOf = ({ gateway, builtInTemplates }: Served, { history }: Recorder): PageDeps => ({
  status: () => gateway.status,
  history,
  asset: (name) => readFile(join(builtInTemplates, "page", name), "utf8"),
  host: hostname(),
});

/** Serves HTTP, listens for charon's events and watches files; resolves to what ends all of it. Rejects with LISTEN_FAILED. */
export const serve = async (served: Served): Promise<{ close: () => Promise<void>; reread: () => void }> => {
  const { gateway, host, log, sources, remember } = served;
  const shownSas = () => (gateway.settings.metrics.torilabs_names ? gateway.sas : undefined);
  const recorder = await openRecorder({ root: host.root, clock: host.clock, log, version: gateway.status.version });
  gateway.follow(recorder.follower);
  const page = pageOf(served, recorder);
  const told = { status: () => gateway.status, declared: WARNINGS, shownSas, page, drain: gateway.drain };
  const door = new Door({
    ...{ root: host.root, clock: host.clock, log, told, remember, watch: watchFile },
    onState: (state) => gateway.useListener(state),
    onRefused: (error) => gateway.refuseSettings(error),
  });
  await door.open(gateway.settings.listen);
  recorder.start();
  const links = new Links(served.openKeeper, (statuses) => gateway.useLinks(statuses), log);
  const watcher = watchSettings(served, door, links);
  const watched = [...TEMPLATE_NAMES.map((name) => join(served.templates, `${name}.hbs`)), ...renderedPaths(host.root)];
  const watches = await Promise.all(watched.map((path) => watchFile(path, () => gateway.requestPass())));
  host.vici.start(charonEvents(gateway, eventDeps(served)));
  await watcher.start();
  links.use(gateway.settings);
  const close = async (): Promise<void> => {
    await Promise.all([watcher.stop(), links.stop(), door.close(), recorder.stop(), ...watches.map((watch) => watch.close())]);
  };
  const reread = (): void => {
    log.info({}, "SIGHUP: reading settings, templates and details anew");
    const failed = (thrown: unknown): void => log.error({}, messageOf(thrown));
    void watcher.look().catch(failed);
    void sources.refresh().catch(failed);
    void door.check().catch(failed);
    gateway.requestPass();
  };
  return { close, reread };
};

/** Ends the agent's own tunnels. */
export const endTunnels = async ({ vici }: Host): Promise<void> => {
  for (const ike of await vici.listSas())
    if (isOwnConn(ike.name)) await vici.terminate({ ikeId: ike.uniqueId, force: true, timeoutMs: 1000 });
};
