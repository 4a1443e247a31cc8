import { agentCommand } from "./agent.ts";
import { waitUntil } from "./check.ts";
import { untilWhole } from "./health.ts";
import type { Lab } from "./lab.ts";
import { runCheck } from "./spacegate-check.ts";

/** A fault as whoever is on call meets it. */
export interface Fault {
  readonly what: string;
  /** Of a warning, or of a tunnel's reason. */
  readonly code: string;
  /** What must be in the fix, so that following it is what `follow` does. */
  readonly fix: RegExp;
  readonly cause: (lab: Lab) => Promise<unknown>;
  /** Does what the fix says, and nothing else. */
  readonly follow: (lab: Lab, fix: string) => Promise<unknown>;
}

interface ToldCause {
  readonly text: string;
  readonly fix: string;
}

interface Body {
  readonly warnings: readonly (ToldCause & { readonly code: string })[];
  readonly connections: readonly { readonly tunnels: readonly { readonly reason: string | null }[] }[];
}

/** The warning of that code; or a tunnel's reason of that code, with the fix of the warning that tells it. */
const causeIn = ({ warnings, connections }: Body, code: string): ToldCause | undefined => {
  const direct = warnings.find((warning) => warning.code === code);
  if (direct) return direct;
  const prefix = `${code}: `;
  const reason = connections.flatMap(({ tunnels }) => tunnels).find((tunnel) => tunnel.reason?.startsWith(prefix))?.reason;
  const sentence = reason?.slice(prefix.length);
  const told = sentence === undefined ? undefined : warnings.find(({ text }) => text.includes(sentence));
  return told && sentence !== undefined ? { text: sentence, fix: told.fix } : undefined;
};

const readCause = async (lab: Lab, { code, fix }: Fault): Promise<ToldCause | string> => {
  lab.checkAgentRuns();
  const body = (await lab.http("/healthz"))?.body ?? "";
  const cause = body.startsWith("{") ? causeIn(JSON.parse(body) as Body, code) : undefined;
  return cause && fix.test(cause.fix) ? cause : body;
};

const untilTold = (lab: Lab, fault: Fault): Promise<ToldCause> =>
  waitUntil(`/healthz to name ${fault.code}`, 60, async () => {
    const cause = await readCause(lab, fault);
    return typeof cause === "string" ? { done: false, seen: cause } : { done: true, value: cause };
  });

const ENTITIES = { quot: '"', gt: ">", lt: "<", amp: "&" } as const;

/** Without line ends, indents, marks of commands and markup: each output breaks its lines where it must. */
const words = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll(/&(quot|gt|lt|amp);/g, (_, name: "quot" | "gt" | "lt" | "amp") => ENTITIES[name])
    .replaceAll(/[\s`]+/g, "");

const OUTPUTS: Readonly<Record<string, (lab: Lab) => Promise<string>>> = {
  "spacegate status": async (lab) => (await lab.inGateway(agentCommand("status"), true)).stdout,
  "spacegate check": async (lab) =>
    (await runCheck(lab)).results
      .filter(({ status }) => status === "failed" || status === "warning")
      .map(({ text, fix }) => `${text} ${fix}`)
      .join("\n"),
  "the page": async (lab) => (await lab.http("/"))?.body ?? "",
};

/** What one output lacks of the cause; "" when it has all of it. */
const lackOf = async (lab: Lab, read: (lab: Lab) => Promise<string>, { text, fix }: ToldCause): Promise<string> => {
  const said = await read(lab);
  const lacks = [text, fix].filter((sentence) => !words(said).includes(words(sentence)));
  return lacks.length === 0 ? "" : `it should say, as /healthz does: ${lacks.join(" | ")}\nit says:\n${said}`;
};

/** Each of the other outputs names the same cause and the same fix; a sentence may change while the fault unfolds. */
const checkSame = async (lab: Lab, fault: Fault): Promise<ToldCause> => {
  for (const [name, read] of Object.entries(OUTPUTS))
    await waitUntil(`${fault.what}: ${name} to name the same cause`, 20, async () => {
      const lack = await lackOf(lab, read, await untilTold(lab, fault));
      return lack === "" ? { done: true, value: undefined } : { done: false, seen: lack };
    });
  return untilTold(lab, fault);
};

/** Brings the fault about, holds the four outputs against each other, does what the fix says, and waits until all is well. */
export const proveOnCall = async (lab: Lab, fault: Fault): Promise<void> => {
  lab.progress(fault.what);
  await fault.cause(lab);
  const cause = await checkSame(lab, fault);
  await fault.follow(lab, cause.fix);
  await untilWhole(lab, 90);
  lab.findings.notes.push(`${fault.what}: ${fault.code}: ${cause.text} Fix: ${cause.fix}`);
};
