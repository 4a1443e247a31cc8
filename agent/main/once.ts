import type { OnceOptions } from "../cli/once.ts";
import { screenOf } from "../cli/screen.ts";
import { statusText } from "../cli/status-text.ts";
import { healthBody } from "../expose/health-body.ts";
import { bringAbout } from "../loop/bring-about.ts";
import { exitCodeOf, rootedExitCode } from "../loop/daemon.ts";
import { open } from "./open.ts";

/** Tunnels get this long to come up in `once`. */
const ONCE_MS = 30_000;

export const once = async (options: OnceOptions): Promise<number> => {
  const { gateway, host, sources, close } = await open(options, true);
  try {
    await sources.start();
    // Below a directory no tunnel can come up.
    await bringAbout(gateway, options.root === "/" ? ONCE_MS : 0, host.clock);
    const { status } = gateway;
    process.stdout.write(
      options.json
        ? `${JSON.stringify(healthBody(status))}
`
        : `${statusText(status, screenOf(process.stdout, process.env))}
`,
    );
    return options.root === "/" ? exitCodeOf(status) : rootedExitCode(status);
  } finally {
    await gateway.stop();
    await close();
  }
};
