/* `node packer/image.ts`: the image that runs under QEMU, from this repository and Debian's packages. */
import { parseArgs } from "node:util";
import { messageOf } from "../agent/lib/errors.ts";
import { SUITES } from "./image/base.ts";
import { buildImage, type Image } from "./image/build.ts";

const HELP = `node packer/image.ts [--deb PATH] [--out .image] [--suite ${SUITES.join("|")}]
Builds the package, unless one is named, and the image with it: .image/spacegate-amd64.qcow2, and .json, which says what is in it.`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

const summary = ({ path, bytes, usedBytes, seconds, system, packages }: Image): string =>
  [
    path,
    `${megabytes(bytes)}, ${megabytes(usedBytes)} installed: ${system}, ${Object.keys(packages).length} packages`,
    `built in ${seconds.total} s: package ${seconds.package} s, base disk ${seconds.base} s, Packer ${seconds.packer} s`,
  ].join("\n");

const suiteOf = (name: string) => {
  const found = SUITES.find((suite) => suite === name);
  if (found === undefined) throw new Error(`--suite ${JSON.stringify(name)} is none of ${SUITES.join(", ")}`);
  return found;
};

const options = () =>
  parseArgs({
    options: {
      deb: { type: "string" },
      out: { type: "string" },
      suite: { type: "string", default: "bookworm" },
      help: { type: "boolean" },
    },
  }).values;

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));

try {
  const { help, suite, ...rest } = options();
  if (help) console.log(HELP);
  else
    console.log(
      summary(await buildImage({ ...rest, suite: suiteOf(suite), signal: stop.signal, say: (line) => console.error(line) })),
    );
} catch (thrown) {
  console.error(messageOf(thrown));
  process.exitCode = 1;
}
