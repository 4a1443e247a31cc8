import { agentCommand, agentEnvironment } from "./agent.ts";
import { check, checkEqual, waitUntil } from "./check.ts";
import type { Lab } from "./lab.ts";

interface CheckLine {
  readonly code: string;
  readonly status: "ok" | "failed" | "warning" | "skipped";
  readonly text: string;
  readonly fix?: string;
  readonly tunnel?: 1 | 2;
}

/** What `spacegate check` says. */
export interface Checked {
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly results: readonly CheckLine[];
}

export interface HowToCheck {
  readonly options?: readonly string[];
  /** Put before PATH. */
  readonly path?: string;
}

/** The whole command must be done within this time, whatever is broken. User-mode Linux takes long to start a process. */
const limitSeconds = ({ options }: Lab): number => (options.engine === "uml" ? 40 : 15);

/** `spacegate check` in the gateway, as somebody on call would type it. */
export const runCheck = async (lab: Lab, { options = [], path }: HowToCheck = {}): Promise<Checked> => {
  const startedAt = performance.now();
  const argv = lab.gateway.inside(agentCommand("check", "--json", ...options));
  const env = agentEnvironment(lab.heroku, lab.options);
  const PATH = [path, env.PATH].filter(Boolean).join(":");
  const { code, stdout, stderr } = await lab.processes.run(argv, { env: { ...env, PATH }, mayFail: true });
  const seconds = (performance.now() - startedAt) / 1000;
  check(stdout.startsWith("{"), `spacegate check should print JSON, it ended with ${code}: ${stderr}`);
  check(seconds < limitSeconds(lab), `spacegate check took ${seconds.toFixed(1)} s, ${limitSeconds(lab)} s are allowed`);
  const { results } = JSON.parse(stdout) as { readonly results: readonly CheckLine[] };
  return { exitCode: code, seconds, results };
};

const failedIn = ({ results }: Checked): CheckLine[] => results.filter(({ status }) => status === "failed");

/** "no-answer-500 2": what failed, and for which tunnel, each once. */
export const failures = (checked: Checked): string[] => [
  ...new Set(failedIn(checked).map(({ code, tunnel }) => (tunnel === undefined ? code : `${code} ${tunnel}`))),
];

/** How long the agent may take to notice, or to forget: it asks Heroku each 5 s. */
const NOTICED_SECONDS = 30;

/**
 * Runs `spacegate check` until it fails for exactly these, and throws unless the first one's fix is as it should be. Returns that
 * one's sentence.
 */
export const untilTells = async (lab: Lab, wanted: readonly string[], fix: RegExp, how: HowToCheck = {}): Promise<string> => {
  const told = await waitUntil(`spacegate check to fail for ${wanted.join(", ")} alone`, NOTICED_SECONDS, async () => {
    const checked = await runCheck(lab, how);
    const same = JSON.stringify(failures(checked)) === JSON.stringify(wanted);
    return same ? { done: true, value: checked } : { done: false, seen: JSON.stringify(failedIn(checked)) };
  });
  checkEqual(told.exitCode, 1, "the exit code of spacegate check");
  const [first] = failedIn(told);
  check(fix.test(first?.fix ?? ""), `the fix should be like ${fix.source}, it is: ${first?.fix}`);
  return first?.text ?? "";
};

/** Runs `spacegate check` until nothing fails. */
export const untilNothingFails = (lab: Lab, how: HowToCheck = {}): Promise<Checked> =>
  waitUntil("spacegate check to find nothing", 60, async () => {
    const checked = await runCheck(lab, how);
    if (checked.exitCode === 0) return { done: true, value: checked };
    return { done: false, seen: JSON.stringify(failedIn(checked)) };
  });

/** One thing that is broken, and what `spacegate check` must say of it, nothing else. */
export interface CheckBreak {
  readonly what: string;
  /** "code" or "code tunnel", in the order of the report. */
  readonly tells: readonly string[];
  readonly fix: RegExp;
  readonly how?: HowToCheck;
  /** Makes it so; resolves to what undoes it. */
  readonly cause: (lab: Lab) => Promise<() => Promise<unknown>>;
}

/** Breaks one thing after another; each must be told alone, and be gone when it is put right. */
export const proveChecks = async (lab: Lab, breaks: readonly CheckBreak[]): Promise<void> => {
  for (const { what, tells, fix, how, cause } of breaks) {
    lab.progress(what);
    const undo = await cause(lab);
    const text = await untilTells(lab, tells, fix, how);
    lab.findings.notes.push(`${what}: ${tells.join(", ")}: ${text}`);
    await undo();
  }
};
