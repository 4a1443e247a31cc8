import { disconnectedText } from "../cli/privatelink-connect-text.ts";
import type { DisconnectOptions } from "../cli/privatelink-disconnect.ts";
import { LineProgress } from "../cli/progress.ts";
import { systemClock } from "../lib/clock.ts";
import { commandLine } from "../lib/command-line.ts";
import { confirmName } from "../lib/confirm.ts";
import { NOTHING, orInterrupted } from "../lib/flow.ts";
import { openLinkAws, regionOrRefuse } from "../privatelink/aws/open.ts";
import { disconnect } from "../privatelink/loop/disconnect.ts";
import { declaredLink } from "./privatelink-connect.ts";
import { openPrompts } from "./prompts.ts";
import { stopSignal } from "./stop-signal.ts";

const confirm = async ({ name, confirm: given }: DisconnectOptions, signal: AbortSignal): Promise<void> => {
  const prompts = await openPrompts(signal);
  const ask = prompts && (() => prompts.text({ message: `To go on, type the link's name (${name})`, check: () => undefined }));
  await confirmName({ name, what: "the link's name", refused: "PRIVATELINK_REFUSED" }, { given, ask });
};

export const privatelinkDisconnect = async (options: DisconnectOptions): Promise<number> => {
  const { name, root, config, json } = options;
  const { signal } = stopSignal();
  const declared = await declaredLink(options, name, false);
  const region = await orInterrupted(signal, NOTHING, async () => {
    const found = await regionOrRefuse(options.region ?? declared?.region, process.env, signal);
    await confirm(options, signal);
    return found;
  });
  const progress = new LineProgress(process.stderr);
  const where = [
    ...(options.vpc === undefined ? [] : ["--vpc", options.vpc]),
    ...(config === undefined ? [] : ["--config", config]),
    ...(root === "/" ? [] : ["--root", root]),
  ];
  try {
    const deleted = await disconnect(name, {
      aws: await openLinkAws(region),
      clock: systemClock,
      progress,
      signal,
      vpcId: options.vpc ?? declared?.vpc,
      pollMs: options.poll,
      timeoutMs: options.timeout,
      command: commandLine(["spacegate", "privatelink", "disconnect", name, "--region", region, "--confirm", name, ...where]),
    });
    progress.end();
    const result = json
      ? JSON.stringify({ name, region, deleted })
      : disconnectedText({ name, region, deleted, declared: declared !== undefined });
    process.stdout.write(`${result}\n`);
    return 0;
  } finally {
    progress.end();
  }
};
