import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, vi } from "vitest";
import { stringify } from "yaml";
import { temporaryDirectory } from "../lib/support.ts";
import { PSKS, TOKEN, wire } from "../source/support.ts";

export { snapshotOf } from "../lib/support.ts";
export { FIRST, PSKS, SECOND, TOKEN, wire } from "../source/support.ts";

// Each run is a process of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

export const MAIN = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));

const SETTINGS = {
  connections: [{ space: "acme-space", name: "office", local: { address: "203.0.113.10", subnets: ["172.16.0.0/16"] } }],
};

/** A gateway below a directory: settings, details in a file, and what was on the host before. */
export const gateway = async (details: unknown = wire(), settings: object = {}) => {
  const directory = await temporaryDirectory();
  const [root, file, config] = [join(directory, "root"), join(directory, "vpn.json"), join(directory, "config.yaml")];
  await mkdir(join(root, "etc"), { recursive: true });
  await writeFile(join(root, "etc/ipsec.conf"), "conn theirs\n");
  await writeFile(join(root, "etc/ipsec.secrets"), "# theirs\n", { mode: 0o600 });
  await writeFile(file, typeof details === "string" ? details : JSON.stringify(details));
  await writeFile(config, stringify({ heroku: { source: "file", file }, ...SETTINGS, ...settings }));
  return { directory, root, file, config };
};

export type Gateway = Awaited<ReturnType<typeof gateway>>;

export interface Said {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Both outputs. */
  readonly all: string;
}

/** Everything that must never be said: in clear, as in ipsec.secrets, as JSON has it. */
const secretsIn = (text: string, secrets: readonly string[]): string[] =>
  secrets
    .flatMap((secret) => [secret, Buffer.from(secret).toString("base64"), JSON.stringify(secret).slice(1, -1)])
    .filter((form) => text.includes(form));

/** Runs the agent as a user would; fails when it says a PSK or the token. */
export const spacegate = async (
  args: readonly string[],
  env: Record<string, string> = {},
  secrets: readonly string[] = [...PSKS, TOKEN],
): Promise<Said> => {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...args], {
    reject: false,
    extendEnv: false,
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...env },
    stdin: "ignore",
    timeout: 50_000,
  });
  const all = `${stdout}\n${stderr}`;
  const leaked = secretsIn(all, secrets);
  if (leaked.length > 0) throw new Error(`${args.join(" ")} said a secret: ${leaked.join(", ")}\n${all}`);
  return { exitCode, stdout, stderr, all };
};

export const below = ({ root, config }: Gateway): string[] => ["--config", config, "--root", root];

/** The daemon with that gateway's files; it ends with the test at the latest. `until` waits for words in its log. */
export const daemon = (host: Gateway) => {
  const child = execa(process.execPath, [MAIN, "run", ...below(host)], {
    reject: false,
    extendEnv: false,
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", HEROKU_API_KEY: TOKEN },
    timeout: 50_000,
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const said = { text: "" };
  child.stderr.on("data", (chunk) => {
    said.text += chunk;
  });
  const until = (words: string) => vi.waitFor(() => expect(said.text).toContain(words), { timeout: 20_000, interval: 20 });
  return { child, said, until };
};
