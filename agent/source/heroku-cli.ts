import { execa } from "execa";
import type { Environment } from "../lib/environment.ts";
import { MAX_ANSWER_BYTES } from "../lib/json.ts";
import type { Secret } from "../lib/secret.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { Source, SourceAnswer } from "../model/source.ts";
import { clientFailure, timedOut, unstartable } from "./client-failure.ts";
import { findJson } from "./noise.ts";
import { parseConnection } from "./parse.ts";
import { pickConnection } from "./pick.ts";
import { assertRef, notFoundReason } from "./ref.ts";

export interface HerokuCliOptions {
  readonly env: Environment;
  readonly timeoutMs: number;
  /** The token when the agent has one; without it the client uses its own login. */
  readonly token: () => Promise<Secret | undefined>;
}

interface ClientRun {
  readonly exitCode: number | undefined;
  /** The errno when the client could not be started, execa's own code when it said too much. */
  readonly code: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const PASSED_ON = [
  "PATH",
  "HOME",
  "HEROKU_HOST",
  ...["http_proxy", "https_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]),
];

const clientEnvironment = (env: Environment, token: Secret | undefined): Record<string, string> => {
  const passed = PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(passed), LC_ALL: "C", ...(token ? { HEROKU_API_KEY: token.reveal() } : {}) };
};

/** The client is a script that starts others: only ending its whole group ends it. */
const killGroup = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
};

/** Asks through Heroku's own client: `heroku spaces:vpn:info NAME --space SPACE --json`. */
export class HerokuCliSource implements Source {
  readonly kind = "heroku-cli";
  readonly #options: HerokuCliOptions;

  constructor(options: HerokuCliOptions) {
    this.#options = options;
  }

  async fetch(ref: ConnectionRef, signal: AbortSignal): Promise<SourceAnswer> {
    assertRef(ref);
    const token = await this.#options.token();
    const run = await this.#run(["spaces:vpn:info", ref.name, "--space", ref.space, "--json"], token, signal);
    if (run.code === "ENOENT" || run.code === "EACCES") throw unstartable(run.code);
    if (run.exitCode === 2 && /Error ID: not_found/.test(run.stderr)) return { kind: "waiting", reason: notFoundReason(ref) };
    if (run.exitCode !== 0) throw clientFailure(ref, run.exitCode, run.stderr, token);
    return parseConnection(ref, pickConnection(ref, findJson(run.stdout, connectionKey(ref)), "the heroku client's answer"));
  }

  async #run(argv: readonly string[], token: Secret | undefined, signal: AbortSignal): Promise<ClientRun> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    const end = AbortSignal.any([signal, timeout]);
    end.throwIfAborted();
    const child = execa("heroku", argv, {
      env: clientEnvironment(this.#options.env, token),
      extendEnv: false,
      stdin: "ignore",
      reject: false,
      detached: true,
      maxBuffer: MAX_ANSWER_BYTES,
    });
    const onEnd = () => killGroup(child.pid);
    end.addEventListener("abort", onEnd, { once: true });
    // The result is taken apart here: as an error it would carry stdout, and with it the PSKs, into a log.
    const { exitCode, code, stdout, stderr } = await child.finally(() => end.removeEventListener("abort", onEnd));
    signal.throwIfAborted();
    if (timeout.aborted) throw timedOut(this.#options.timeoutMs);
    return { exitCode, code, stdout, stderr };
  }
}
