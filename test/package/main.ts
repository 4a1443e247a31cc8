/* `npm run test:package`: the .deb, from two builds with one hash to the last trace that a purge must not leave. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { messageOf } from "../../agent/lib/errors.ts";
import { check, checkEqual } from "../lab/check.ts";
import { libipsec } from "../lab/engines/namespaces.ts";
import { installPackages } from "../lab/packages.ts";
import { prepareEngine, runScenarios } from "../lab/run.ts";
import { checkControl, checkFiles, checkLegal, checkRuntime, checkSecrets } from "./contents.ts";
import { checkArm64Runs } from "./emulated.ts";
import { makeRoot } from "./machine.ts";
import { SCENARIOS, SUITES } from "./scenarios.ts";

const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TOOLS = [
  ...["binutils", "binutils-aarch64-linux-gnu", "dpkg-dev", "lintian", "mmdebstrap", "qemu-user-static"],
  ...["systemd", "systemd-container"],
];
const MAX_BYTES = 60_000_000;

const say = (text: string): void => console.log(text);

/** Builds in another process, so that its umask, time zone and directories can be others. */
const buildDeb = async (
  out: string,
  args: readonly string[],
  setting: { umask: string; env: NodeJS.ProcessEnv },
): Promise<string> => {
  await mkdir(out, { recursive: true });
  await execute("cp", ["-r", `${ROOT}.package/cache`, out]).catch(() => undefined);
  const command = `umask ${setting.umask}; exec "$0" systemd/package.ts --out "$@"`;
  const env = { ...process.env, SOURCE_DATE_EPOCH, ...setting.env };
  const { stdout } = await execute("sh", ["-c", command, process.execPath, out, ...args], { cwd: ROOT, env });
  say(stdout.trim().split("\n").at(-1) ?? "");
  return stdout.split("\n")[0] ?? "";
};

/** Of the test's beginning: whoever commits meanwhile changes the time of the last commit. */
const SOURCE_DATE_EPOCH =
  process.env.SOURCE_DATE_EPOCH ?? (await execute("git", ["log", "-1", "--format=%ct"], { cwd: ROOT })).stdout.trim();

const PLAIN = { umask: "022", env: {} };
const STRANGE = { umask: "077", env: { TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", LC_ALL: "C" } };

const sha256 = async (path: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

const checkPackage = async (deb: string, architecture: string, scratch: string): Promise<void> => {
  const directory = await mkdtemp(join(scratch, "contents-"));
  await execute("dpkg-deb", ["-x", deb, directory]);
  await checkControl(deb, architecture);
  await checkFiles(directory);
  await checkSecrets(directory, ROOT);
  await checkLegal(directory);
  await checkRuntime(directory, deb, architecture);
  check((await stat(deb)).size < MAX_BYTES, `${deb} should be smaller than ${MAX_BYTES} bytes`);
};

const lintian = async (deb: string): Promise<void> => {
  await execute("lintian", ["--allow-root", "--fail-on", "error,warning", deb]).catch((thrown: { stdout?: string }) => {
    throw new Error(thrown.stdout ?? messageOf(thrown));
  });
};

/** Runs the scenario of a suite in a cell of the lab, whose gateway is a new system with the first package's life before it. */
const lifeIn = async (suite: string, packages: { first: string; second: string }, scratch: string): Promise<void> => {
  const root = join(scratch, suite);
  await makeRoot(suite, root, ending.signal);
  const scenarios = SCENARIOS.filter(({ name }) => name === suite);
  const { results, noise } = await runScenarios({
    project: ROOT,
    engine: libipsec,
    scenarios,
    cell: {
      ...{ engine: "libipsec", source: "file", keep: false, logs: false, herokuBin: "", parameters: {} },
      ...{ registry: "../package/scenarios.ts", paths: { ...packages, [suite]: root } },
    },
    onStart: () => {},
    onEvent: (event) => {
      if (event.type === "progress" || event.type === "output") say(event.text);
      else for (const note of event.result.notes) say(note);
    },
    signal: ending.signal,
  });
  const [result] = results;
  check(result !== undefined, `the cell ended early. Its last lines:\n${noise.slice(-20).join("\n")}`);
  check(result.error === undefined, result.error ?? "");
};

/** A cell ends with everything in it when this is ended. */
const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => ending.abort());

let [passed, failed] = [0, 0];

const part = async <T>(name: string, run: () => Promise<T>): Promise<T | undefined> => {
  const started = performance.now();
  try {
    const result = await run();
    passed += 1;
    say(`passed: ${name} (${((performance.now() - started) / 1000).toFixed(0)} s)`);
    return result;
  } catch (thrown) {
    failed += 1;
    say(`FAILED: ${name}: ${messageOf(thrown)}`);
    return undefined;
  }
};

const all = async (scratch: string): Promise<void> => {
  const first = await part("amd64 is built", () => buildDeb(join(scratch, "first"), ["--arch", "amd64"], PLAIN));
  if (first === undefined) return;
  await part("amd64 has what it should", () => checkPackage(first, "amd64", scratch));
  await part("lintian finds nothing", () => lintian(first));
  await part("another build has the same hash", async () => {
    const again = await buildDeb(join(scratch, "again"), ["--arch", "amd64"], STRANGE);
    checkEqual(await sha256(again), await sha256(first), "SHA-256");
  });
  const other = await part("arm64 comes from the same recipe", async () => {
    const deb = await buildDeb(join(scratch, "arm64"), ["--arch", "arm64"], PLAIN);
    await checkPackage(deb, "arm64", scratch);
    return deb;
  });
  if (other !== undefined) await part("arm64 runs, emulated", () => checkArm64Runs(other, join(scratch, "emulated")));
  const second = await part("a second version", () =>
    buildDeb(join(scratch, "second"), ["--arch", "amd64", "--revision", "2"], PLAIN),
  );
  if (second === undefined) return;
  for (const suite of SUITES) await part(`its life on ${suite}`, () => lifeIn(suite, { first, second }, scratch));
};

const scratch = await mkdtemp(join(tmpdir(), "spacegate-package-test-"));
try {
  await installPackages(TOOLS, say);
  await prepareEngine(libipsec, say);
  await all(scratch);
} catch (thrown) {
  failed += 1;
  say(messageOf(thrown));
} finally {
  await rm(scratch, { recursive: true, force: true });
}
say(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
