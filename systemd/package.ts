/* `npm run package`: the .deb, from this repository, npm and Debian's own tools. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { messageOf } from "../agent/lib/errors.ts";
import { architectureOf } from "./package/architecture.ts";
import { build } from "./package/build.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const HELP = `npm run package -- [--arch amd64|arm64] [--revision 1] [--out .package]
Builds the .deb for this machine's architecture, or for the one that is named.`;

try {
  const { values } = parseArgs({
    options: {
      arch: { type: "string" },
      revision: { type: "string", default: "1" },
      out: { type: "string", default: `${ROOT}.package` },
      help: { type: "boolean" },
    },
  });
  if (values.help) console.log(HELP);
  else {
    const { path, bytes, installedKiB } = await build({ ...values, root: ROOT, architecture: architectureOf(values.arch) });
    console.log(`${path}\n${(bytes / 1e6).toFixed(1)} MB, ${((installedKiB * 1024) / 1e6).toFixed(1)} MB installed`);
  }
} catch (thrown) {
  console.error(messageOf(thrown));
  process.exitCode = 1;
}
