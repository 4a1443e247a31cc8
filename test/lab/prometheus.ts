import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { check, waitUntil } from "./check.ts";
import type { Lab } from "./lab.ts";
import type { Running } from "./processes.ts";

const PROGRAM = "/usr/bin/prometheus";
const LISTEN = "127.0.0.1:9090";

export interface Alerting {
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
}

/** One series of an answer: its labels, and its newest value as Prometheus writes it. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

interface Matrix {
  readonly result: readonly { readonly metric: Record<string, string>; readonly values: readonly [number, string][] }[];
}

/** A real Prometheus beside the agent, with a data directory that ends with it. */
export class Prometheus {
  readonly #lab: Lab;
  readonly #running: Running;
  readonly #data: string;
  readonly #startedAt = Date.now() / 1000;

  private constructor(lab: Lab, running: Running, data: string) {
    this.#lab = lab;
    this.#running = running;
    this.#data = data;
  }

  /** `directory`: of the gateway, with prometheus.yml in it. Resolves when it answers. */
  static async start(lab: Lab, directory: string): Promise<Prometheus> {
    check(existsSync(PROGRAM), "This scenario needs the Debian package prometheus: apt-get install prometheus");
    const data = join(directory, "data");
    const argv = [
      PROGRAM,
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=${LISTEN}`,
    ];
    const running = lab.processes.start("prometheus", lab.gateway.inside(argv));
    const prometheus = new Prometheus(lab, running, lab.gateway.path(data));
    await waitUntil("Prometheus to be ready", 30, async () => {
      check(running.exitCode() === undefined, `Prometheus has ended: ${running.output()}`);
      const ready = await fetch(`http://${LISTEN}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      return ready ? { done: true, value: undefined } : { done: false, seen: running.output().trim().split("\n").at(-1) ?? "" };
    });
    return prometheus;
  }

  /** Every series of the query since Prometheus has started, at steps of a second. */
  async query(expr: string): Promise<readonly Series[]> {
    const range = { start: String(this.#startedAt), end: String(Date.now() / 1000), step: "1" };
    const { result } = await this.#ask<Matrix>("query_range", { query: expr, ...range });
    return result.map(({ metric, values }) => ({ labels: metric, value: values.at(-1)?.[1] ?? "" }));
  }

  /** The values of a label among the series that a selector means. */
  labelValues(label: string, selector: string): Promise<readonly string[]> {
    return this.#ask(`label/${label}/values`, { "match[]": selector });
  }

  async alerts(): Promise<readonly Alerting[]> {
    return (await this.#ask<{ readonly alerts: readonly Alerting[] }>("alerts", {})).alerts;
  }

  async stop(): Promise<void> {
    await this.#running.stop();
    rmSync(this.#data, { recursive: true, force: true });
  }

  async #ask<Data>(path: string, parameters: Readonly<Record<string, string>>): Promise<Data> {
    const url = `http://${LISTEN}/api/v1/${path}?${new URLSearchParams(parameters)}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    this.#lab.processes.keep("prometheus-api", `GET ${url}\n${response.status}\n${text}\n`);
    check(response.ok, `Prometheus refuses ${decodeURIComponent(url)}: ${text}`);
    return (JSON.parse(text) as { readonly data: Data }).data;
  }
}
