/** One query of a panel; the legend's {{label}} is Grafana's. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export type PanelKind = "stat" | "state-timeline" | "timeseries";

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly kind: PanelKind;
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  /** What 0 and 1 are called, and which of them is bad. */
  readonly words?: { readonly zero: string; readonly one: string; readonly bad: 0 | 1 | undefined };
  readonly queries: readonly Query[];
}

export interface Row {
  readonly title: string;
  readonly height: number;
  readonly panels: readonly Panel[];
}

export const HOST = 'instance=~"$instance"';
export const OF = `${HOST},space=~"$space",connection=~"$connection"`;
export const TUNNEL = "{{space}}/{{connection}} tunnel {{tunnel}}";
export const CONNECTION = "{{space}}/{{connection}}";

export const perSecond = (metric: string, selector: string): string => `rate(${metric}{${selector}}[$__rate_interval])`;
/** Timestamps are exported, ages are what people look at. */
export const age = (metric: string): string => `time() - ${metric}{${OF}}`;
