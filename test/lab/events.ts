import type { EngineName } from "./engines/engine.ts";

export interface TunnelReport {
  readonly index: number;
  readonly address: string;
  /** As charon names states: ESTABLISHED, CONNECTING, …; "NONE" without an IKE_SA. */
  readonly ike: string;
  /** INSTALLED, REKEYED, …; "NONE" without a CHILD_SA. */
  readonly child: string;
  /** null where nobody proves it, as on a gateway configured by hand. */
  readonly passing: boolean | null;
  readonly carrier: boolean | null;
}

interface PingCount {
  readonly sent: number;
  readonly received: number;
}

/** What a scenario found out; the fields that it did not look at are absent. */
export interface Findings {
  tunnels?: readonly TunnelReport[];
  ping?: PingCount;
  /** The status of GET /healthz. */
  healthz?: number;
  /** Measured values worth showing, as sentences. */
  notes: string[];
  /** Measured values for programs: the single runs by name, in the name's unit. */
  numbers?: Readonly<Record<string, readonly number[]>>;
}

export interface ScenarioResult extends Findings {
  readonly scenario: string;
  readonly engine: EngineName;
  readonly seconds: number;
  /** Absent when everything that was asserted held. */
  readonly error?: string;
}

/** What a cell tells the lab program: one event a line on its standard output. */
export type LabEvent =
  | { readonly type: "progress"; readonly scenario: string; readonly text: string }
  /** What a command that a person typed has printed. */
  | { readonly type: "output"; readonly text: string }
  | { readonly type: "result"; readonly result: ScenarioResult };

// A user-mode Linux machine may print lines of its own on the same stream.
const MARK = "@lab ";

export const formatEvent = (event: LabEvent): string => `${MARK}${JSON.stringify(event)}\n`;

/** The event in a line of output, or undefined for any other line. */
export const parseEvent = (line: string): LabEvent | undefined => {
  const text = line.trimEnd();
  return text.startsWith(MARK) ? (JSON.parse(text.slice(MARK.length)) as LabEvent) : undefined;
};
