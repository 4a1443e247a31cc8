import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { sampleSettings } from "../lab/agent.ts";
import { check, checkEqual } from "../lab/check.ts";
import { sampleConnection } from "../lab/heroku.ts";

const execute = promisify(execFile);

/** Node's own libraries, of another architecture. */
const LIBRARIES = ["libc6", "libstdc++6", "ca-certificates"];

type Run = (...argv: readonly string[]) => Promise<string>;

/** Unpacks both, and gives what runs the package's agent under emulation: qemu's, for one process, not for a machine. */
const unpack = async (deb: string, directory: string): Promise<Run> => {
  await mkdir(directory);
  const [system, content] = [join(directory, "system"), join(directory, "content")];
  const options = ["--quiet", "--variant=extract", "--mode=root", "--architectures=arm64", `--include=${LIBRARIES.join(",")}`];
  await execute("mmdebstrap", [...options, "bookworm", system]);
  await execute("dpkg-deb", ["-x", deb, content]);
  const lib = join(content, "usr/lib/spacegate");
  const command = ["-L", system, join(lib, "node"), join(lib, "dist/spacegate.mjs")];
  return async (...argv) => (await execute("qemu-aarch64-static", [...command, ...argv], { timeout: 120_000 })).stdout;
};

const plannedHost = async (root: string): Promise<string> => {
  const saved = join(root, "connections.json");
  const config = join(root, "config.yaml");
  const settings = sampleSettings("file", "policy");
  await mkdir(join(root, "etc"), { recursive: true });
  await writeFile(saved, JSON.stringify(sampleConnection()), { mode: 0o600 });
  await writeFile(config, stringify({ ...settings, heroku: { source: "file", file: saved } }));
  return config;
};

/** What was built for an architecture that this machine is not of starts, and plans a gateway as it should. */
export const checkArm64Runs = async (deb: string, directory: string): Promise<void> => {
  const spacegate = await unpack(deb, directory);
  const version = (await execute("dpkg-deb", ["-f", deb, "Version"])).stdout.trim();
  checkEqual(`${(await spacegate("--version")).trim()}-1`, version, "the version that it tells");
  const root = join(directory, "host");
  const plan = await spacegate("plan", "--root", root, "--config", await plannedHost(root));
  check(plan.includes("rightid=34.227.70.143"), `the plan should have the second tunnel's conn, found ${plan.slice(0, 500)}`);
};
