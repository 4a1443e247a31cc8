import { spawn } from "node:child_process";
import { childEnv } from "./child-env.ts";
import { errnoOf, messageOf, SpacegateError } from "./errors.ts";

/** nftables, as far as one table of the agent's is concerned. */
export interface Nft {
  /** The table as `nft list table` prints it, undefined when there is none. Rejects with COMMAND_MISSING, COMMAND_TIMEOUT or COMMAND_FAILED. */
  list(table: string): Promise<string | undefined>;
  /** Carries a script out as one transaction: all of it, or nothing. Rejects as `list` does. */
  load(script: string): Promise<void>;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A thousand connections make some 120 KB. */
const MAX_OUTPUT = 16_000_000;
const NFT_MS = 10_000;

const NOT_THERE = /No such file or directory/;

const run = (args: readonly string[], input: string): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn("nft", args, { env: childEnv(), timeout: NFT_MS, killSignal: "SIGKILL" });
    const texts = { out: "", err: "" };
    const take = (stream: "out" | "err") => (text: string) => {
      texts[stream] += text;
      if (texts[stream].length > MAX_OUTPUT) child.kill("SIGKILL");
    };
    child.stdout.setEncoding("utf8").on("data", take("out"));
    child.stderr.setEncoding("utf8").on("data", take("err"));
    // A child that ends before it has read everything says why by itself.
    child.stdin.on("error", () => {});
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...texts }));
    child.stdin.end(input);
  });

const missing = (thrown: unknown): SpacegateError =>
  new SpacegateError("COMMAND_MISSING", `nft could not be started (${errnoOf(thrown) ?? messageOf(thrown)}).`, {
    fix: "Install it: apt-get install nftables",
    cause: thrown,
    details: { argv: ["nft"] },
  });

const refused = (args: readonly string[], { code, err }: Ended): SpacegateError => {
  const argv = ["nft", ...args];
  if (code === null)
    return new SpacegateError("COMMAND_TIMEOUT", `${argv.join(" ")} did not end within ${NFT_MS} ms.`, {
      fix: "Run it by hand and look at what it waits for; the agent tries again by itself.",
      details: { argv },
    });
  return new SpacegateError("COMMAND_FAILED", `nft refused: ${err.trim().slice(0, 500)}`, {
    fix: "The agent needs CAP_NET_ADMIN and a kernel with nf_tables (modprobe nf_tables); small container and cloud kernels may miss it.",
    details: { argv, exitCode: code, output: err },
  });
};

const ended = (args: readonly string[], input = ""): Promise<Ended> =>
  run(args, input).catch((thrown: unknown) => {
    throw missing(thrown);
  });

/** The program `nft`, started anew each time. */
export const systemNft: Nft = {
  list: async (table) => {
    const args = ["list", "table", ...table.split(" ")];
    const result = await ended(args);
    if (result.code === 0) return result.out;
    if (NOT_THERE.test(result.err)) return undefined;
    throw refused(args, result);
  },
  load: async (script) => {
    const args = ["-f", "-"];
    const result = await ended(args, script);
    if (result.code !== 0) throw refused(args, result);
  },
};
