import { Counter, Gauge, type Registry } from "prom-client";
import type { Labels } from "./series.ts";

/** One thing that series tell of, with the labels that all of them share. */
export interface Row<Of> {
  readonly of: Of;
  readonly labels: Labels;
}

/** prom-client writes an object of shared labels out once and remembers the text: labels are most of a large exposition. */
export interface Sample {
  value: number;
  labels: Record<string, string>;
  sharedLabels: Labels;
}

export interface Named {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
}

/** Has prom-client take the values from `samples` when it writes them, instead of keeping a copy by hashed labels. */
export const register = (registry: Registry, named: Named, labelNames: readonly string[], samples: () => Sample[]): void => {
  const options = { name: named.name, help: named.help, labelNames: [...labelNames], registers: [registry] };
  const metric = named.type === "gauge" ? new Gauge(options) : new Counter(options);
  const describe = metric.get.bind(metric);
  metric.get = async () => ({ ...(await describe()), values: samples() });
};
