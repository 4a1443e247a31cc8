import { execa } from "execa";
import { childEnv } from "../lib/child-env.ts";
import type { ProbeResult, ProbeTarget } from "./probe-target.ts";

const REPLY = /icmp_seq=\d+ ttl=\d+ time=([\d.]+) ms/;
/** A redirect is about a packet that goes on; a packet that could not be sent is told by the next "no answer yet". */
const MISS = /^(no answer yet for icmp_seq=\d+|From \S+ icmp_seq=\d+ (?!Redirect)\S)/;

/** What one line of `ping -O` says; undefined when it is neither a reply nor a miss. */
export const parsePingLine = (line: string): ProbeResult | undefined => {
  const reply = REPLY.exec(line)?.[1];
  if (reply !== undefined) return line.includes("DUP!") ? undefined : Number(reply);
  return MISS.test(line) ? null : undefined;
};

const pingArguments = ({ target, source, mark, intervalMs }: ProbeTarget): string[] => [
  ...["-n", "-O", "-i", String(intervalMs / 1000)],
  ...(mark === undefined ? [] : ["-m", String(mark)]),
  ...["-I", source, target],
];

/**
 * `ping -O` as a long-lived child, which keeps its rhythm whatever the agent is doing. Resolves when the child ends, with
 * its words; an abort ends it.
 */
export const runPing = async (
  target: ProbeTarget,
  onResult: (result: ProbeResult) => void,
  signal: AbortSignal,
): Promise<string> => {
  const child = execa("ping", pingArguments(target), {
    cancelSignal: signal,
    reject: false,
    buffer: false,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    extendEnv: false,
    env: childEnv(),
  });
  let words = "";
  const take = (text: string): void => {
    words = `${words}${text}`.slice(-300);
  };
  child.stderr.setEncoding("utf8").on("data", take);
  for await (const line of child.iterable()) {
    const result = parsePingLine(line);
    if (result === undefined) take(`${line}\n`);
    else onResult(result);
  }
  const { exitCode, shortMessage } = await child;
  // A ping that could not be started has no words of its own.
  if (exitCode === undefined && !signal.aborted) take(shortMessage ?? "");
  return words.trim();
};
