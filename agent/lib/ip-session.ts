import { execa } from "execa";
import { childEnv } from "./child-env.ts";
import { SpacegateError } from "./errors.ts";

/** A command whose answer nobody mistakes for another's: it ends each request. */
const SENTINEL = "link show dev lo";

const STOPPED = "the agent stops";

const CHANGES_LINKS = /^link (add|delete)\b/;

interface Request {
  readonly lines: readonly string[];
  readonly answers: unknown[];
  readonly errors: string[];
  readonly resolve: (answers: unknown[]) => void;
  readonly reject: (error: SpacegateError) => void;
  timer: NodeJS.Timeout | undefined;
}

const spawnIp = () =>
  execa("ip", ["-json", "-details", "-force", "-batch", "-"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    buffer: false,
    reject: false,
    extendEnv: false,
    env: childEnv(),
  });

type Child = ReturnType<typeof spawnIp>;

const isSentinel = (answer: unknown): boolean => Array.isArray(answer) && answer.length === 1 && answer[0]?.ifname === "lo";

const parseAnswer = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

const failure = (lines: readonly string[], output: string, cause?: unknown): SpacegateError =>
  new SpacegateError("COMMAND_FAILED", `ip refused a command: ${output}`, {
    fix: "The agent needs iproute2 and CAP_NET_ADMIN; the kernel may also miss a module (ip_vti for VTI links).",
    cause,
    details: { command: `ip ${lines.join("; ip ")}`, output },
  });

/**
 * iproute2 as one long-lived child, `ip -json -details -force -batch -`: a command costs a write instead of a process
 * (3 ms natively, 50 to 150 ms in user-mode Linux). Requests are answered in order; a child that died is started anew
 * with the next request.
 */
export class IpSession {
  readonly #timeoutMs: number;
  readonly #queue: Request[] = [];
  #current: Request | undefined;
  #child: Child | undefined;
  #out = "";
  #stopped = false;

  constructor(timeoutMs = 5000) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Runs commands without their leading `ip`, one a line, and resolves to the JSON answers of those that print one.
   * Rejects with COMMAND_FAILED when any of them fails; the others have been carried out all the same.
   */
  run(lines: readonly string[]): Promise<unknown[]> {
    if (lines.length === 0) return Promise.resolve([]);
    if (lines.some((line) => line.includes("\n"))) return Promise.reject(failure(lines, "a line break in a command"));
    if (this.#stopped) return Promise.reject(failure(lines, STOPPED));
    return new Promise((resolve, reject) => {
      this.#queue.push({ lines, answers: [], errors: [], resolve, reject, timer: undefined });
      this.#next();
    });
  }

  /** Ends the child; what is under way or asked later is rejected. */
  stop(): void {
    this.#stopped = true;
    // Emptied first: ending the child starts what waits next.
    for (const request of this.#queue.splice(0)) request.reject(failure(request.lines, STOPPED));
    this.#end(STOPPED);
  }

  #next(): void {
    if (this.#current) return;
    const request = this.#queue.shift();
    if (!request) return;
    this.#current = request;
    request.timer = setTimeout(() => this.#end("no answer in time"), this.#timeoutMs);
    this.#running().stdin.write(`${[...request.lines, SENTINEL].join("\n")}\n`);
  }

  #running(): Child {
    if (this.#child) return this.#child;
    const child = spawnIp();
    this.#child = child;
    // A write to a child that has just died; its end is noticed below.
    child.stdin.on("error", () => {});
    // A child that was given up may still have something to say.
    const own = (take: (text: string) => void) => (text: string) => {
      if (this.#child === child) take(text);
    };
    child.stdout.setEncoding("utf8").on(
      "data",
      own((text) => this.#onOutput(text)),
    );
    child.stderr.setEncoding("utf8").on(
      "data",
      own((text) => this.#current?.errors.push(text)),
    );
    child.then((result) => {
      if (this.#child === child) this.#end(`ip ended: ${result.shortMessage ?? "by itself"}`);
    });
    return child;
  }

  #onOutput(text: string): void {
    this.#out += text;
    for (let end = this.#out.indexOf("\n"); end >= 0; end = this.#out.indexOf("\n")) {
      const line = this.#out.slice(0, end);
      const answer = parseAnswer(line);
      this.#out = this.#out.slice(end + 1);
      // Taken for an answer, it would put every later one in another's place.
      if (answer === undefined) this.#current?.errors.push(`not JSON: ${line}\n`);
      else if (!isSentinel(answer)) this.#current?.answers.push(answer);
      // Standard error is another pipe: what `ip` wrote there before this answer is read within this turn of the loop.
      else setImmediate((request) => this.#finish(request), this.#current);
    }
  }

  #finish(request: Request | undefined): void {
    if (!request || this.#current !== request) return;
    this.#current = undefined;
    clearTimeout(request.timer);
    const output = request.errors.join("").trim();
    if (output !== "" || request.lines.some((line) => CHANGES_LINKS.test(line))) this.#renew();
    if (output === "") request.resolve(request.answers);
    else request.reject(failure(request.lines, output));
    this.#next();
  }

  /** `ip` remembers each link's number by its name, and goes on with it when the link was deleted and made anew. */
  #renew(): void {
    const child = this.#child;
    this.#child = undefined;
    this.#out = "";
    child?.stdin.end();
  }

  #end(why: string): void {
    const child = this.#child;
    const request = this.#current;
    this.#child = undefined;
    this.#current = undefined;
    this.#out = "";
    child?.kill("SIGKILL");
    clearTimeout(request?.timer);
    request?.reject(failure(request.lines, why));
    this.#next();
  }
}
