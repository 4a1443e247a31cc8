import { join } from "node:path";
import { systemCommands } from "../apply/command.ts";
import type { RunOptions } from "../cli/run.ts";
import { systemdNotifier, watchdogInterval } from "../expose/notify.ts";
import { runDaemon } from "../loop/daemon.ts";
import type { OpenKeeper } from "../loop/links.ts";
import { endTunnels, serve } from "../loop/serve.ts";
import type { Host } from "../loop/world.ts";
import { settingsAtStart } from "../settings/last-good.ts";
import { type Opened, open } from "./open.ts";
import { BUILT_IN_TEMPLATES, OWN_TEMPLATES } from "./template-paths.ts";

const takeDown = async (host: Host, standalone: boolean): Promise<void> => {
  await endTunnels(host);
  if (standalone) await systemCommands.run("ipsec", ["stop"], 10_000);
};

export const run = async (options: RunOptions): Promise<number> => {
  let opened: Opened | undefined;
  // From the first moment on: without a listener the signal would have Node open its debugger.
  process.on("SIGUSR1", () => opened?.levels.toggle());
  opened = await open(options, true, settingsAtStart);
  const { gateway, host, log, sources } = opened;
  let parts: Awaited<ReturnType<typeof serve>> | undefined;
  await runDaemon({
    gateway,
    clock: host.clock,
    log,
    notifier: systemdNotifier(process.env),
    watchdogMs: watchdogInterval(process.env),
    open: async () => {
      const openKeeper: OpenKeeper = async (onStatus) =>
        (await import("./links.ts")).keeperOf({ ...opened, root: options.root })(onStatus);
      parts = await serve({
        ...opened,
        openKeeper,
        templates: join(options.root, OWN_TEMPLATES),
        builtInTemplates: BUILT_IN_TEMPLATES,
      });
      return parts.close;
    },
    startSource: () => sources.start(),
    reread: () => parts?.reread(),
    settings: () => gateway.settings,
    takeDown: options.downOnExit ? () => takeDown(host, options.standalone === true) : undefined,
  });
  await opened.close();
  return 0;
};
