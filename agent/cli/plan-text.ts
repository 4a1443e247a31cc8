import { createPatch } from "diff";
import type { DesiredFile } from "../model/desired.ts";
import { FIREWALL_TABLE } from "../model/firewall.ts";
import { type Step, touchedConn } from "../model/step.ts";
import { describeStep } from "../model/step-text.ts";

export interface PlanReport {
  readonly files: readonly {
    readonly path: string;
    /** Octal, "0600". */
    readonly mode: string;
    readonly change: "create" | "update" | "none";
    /** With fingerprints in place of PSKs. */
    readonly content: string;
    /** What the change would be, as a unified diff; "" where there is none, or where the file is not the agent's yet. */
    readonly diff: string;
  }[];
  /** The agent's nftables table; absent where it is not looked at. */
  readonly firewall?: FirewallReport;
  readonly steps: readonly { readonly kind: string; readonly text: string; readonly tunnel?: string }[];
  /** What is in the way, one sentence each. */
  readonly problems: readonly { readonly text: string; readonly fix: string }[];
}

export interface FirewallReport {
  readonly table: string;
  readonly change: "create" | "update" | "remove" | "none";
  /** The ruleset that would be loaded; "" when none would. */
  readonly content: string;
  /** As a unified diff: against what was loaded last or, when somebody changed that in the kernel, of his changes back. */
  readonly diff: string;
}

/** The table in the kernel and what was loaded into it last; a text is undefined when there is none. */
export interface FirewallBefore {
  readonly listing: string | undefined;
  readonly memory: { readonly text: string; readonly listing: string } | undefined;
}

/** A file as it is now, fit to be shown: "absent", the owner's (never shown), or the agent's own text with PSKs masked. */
export type Before = (path: string) => { readonly kind: "absent" | "foreign" } | { readonly kind: "own"; readonly text: string };

const changeOf = (file: DesiredFile, before: Before, writes: ReadonlySet<string>): "create" | "update" | "none" => {
  if (!writes.has(file.path)) return "none";
  return before(file.path).kind === "absent" ? "create" : "update";
};

// The first two lines name the file, which the report does already.
const patchOf = (name: string, now: string, then: string): string =>
  now === then ? "" : createPatch(name, now, then, "now", "then").split("\n").slice(2).join("\n");

const diffOf = (file: DesiredFile, before: Before): string => {
  const now = before(file.path);
  return now.kind === "own" ? patchOf(file.path, now.text, file.shown) : "";
};

/** What the steps would do to the table. */
export const firewallReport = (steps: readonly Step[], { listing, memory }: FirewallBefore): FirewallReport => {
  const report = { table: FIREWALL_TABLE, change: "none", content: "", diff: "" } as const;
  if (steps.some(({ kind }) => kind === "remove-firewall")) return { ...report, change: "remove" };
  const apply = steps.find((step) => step.kind === "apply-firewall");
  if (!apply) return report;
  if (listing === undefined) return { ...report, change: "create", content: apply.text };
  const isDrift = memory?.text === apply.text;
  const diff = isDrift
    ? patchOf(FIREWALL_TABLE, listing, memory.listing)
    : patchOf(FIREWALL_TABLE, memory?.text ?? listing, apply.text);
  return { ...report, change: "update", content: apply.text, diff };
};

/** What a pass would do, for people and scripts, without any secret. */
export const planReport = (
  files: readonly DesiredFile[],
  steps: readonly Step[],
  before: Before,
  problems: PlanReport["problems"],
  firewall?: FirewallBefore,
): PlanReport => {
  const written = steps.flatMap((step) => (step.kind === "write-file" ? [step.file] : []));
  const writes = new Set(written.map((file) => file.path));
  const includes = written.filter((file) => file.role === "include");
  return {
    files: [...files, ...includes].map((file) => ({
      path: file.path,
      mode: file.mode.toString(8).padStart(4, "0"),
      change: changeOf(file, before, writes),
      content: file.shown,
      diff: diffOf(file, before),
    })),
    ...(firewall ? { firewall: firewallReport(steps, firewall) } : {}),
    steps: steps.map((step) => {
      const tunnel = touchedConn(step);
      return { kind: step.kind, text: describeStep(step), ...(tunnel === undefined ? {} : { tunnel }) };
    }),
    problems,
  };
};

const fileText = (file: PlanReport["files"][number]): string => {
  if (file.change === "none") return `= ${file.path} stays as it is`;
  const sign = file.change === "create" ? "+" : "~";
  const body = (file.diff || file.content).trimEnd().split("\n");
  return [`${sign} ${file.path} (${file.mode})`, ...body.map((line) => `    ${line}`)].join("\n");
};

const SIGNS = { create: "+", update: "~", remove: "-" } as const;

const firewallText = ({ firewall }: PlanReport): string[] => {
  if (!firewall) return [];
  if (firewall.change === "none") return [`= table ${firewall.table} stays as it is`];
  const body = (firewall.diff || firewall.content).trimEnd().split("\n");
  return [`${SIGNS[firewall.change]} table ${firewall.table} (nftables)`, ...body.filter(Boolean).map((line) => `    ${line}`)];
};

const touched = (report: PlanReport): string => {
  const tunnels = [...new Set(report.steps.flatMap((step) => step.tunnel ?? []))];
  return tunnels.length === 0 ? "No tunnel would be touched." : `Tunnels touched: ${tunnels.join(", ")}`;
};

export const planText = (report: PlanReport): string => {
  const problems = report.problems.map(({ text, fix }) => `! ${text}\n    ${fix}`);
  if (report.steps.length === 0) return [...problems, "Nothing to do."].join("\n");
  return [
    ...problems,
    ...report.files.map(fileText),
    ...firewallText(report),
    "",
    "Steps:",
    ...report.steps.map((step, position) => `${String(position + 1).padStart(3)}. ${step.text}`),
    "",
    touched(report),
  ].join("\n");
};
