import { InvalidArgumentError } from "commander";
import { parseDuration } from "../lib/duration.ts";
import type { AddCommand } from "./options.ts";

export interface MonitoringCommandOptions {
  readonly out: string;
  readonly target: readonly string[];
  readonly job: string;
  readonly interval: string;
  readonly runbook: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const DEFAULT_TARGET = "127.0.0.1:9747";

/** A host name or address with its port; it becomes part of a YAML file, and so is nothing else. */
const addTarget = (value: string, before: readonly string[] | undefined): readonly string[] => {
  if (!/^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/.test(value))
    throw new InvalidArgumentError("It must be a host and a port, like gateway.example:9747.");
  return [...(before ?? []), value];
};

const jobName = (value: string): string => {
  if (!/^[\w.-]{1,64}$/.test(value)) throw new InvalidArgumentError("It must be letters, digits, '.', '_' and '-', 64 at most.");
  return value;
};

/** What one scrape has seen lasts until the next one: a single bad second must not last as long as a critical alert waits. */
const MAX_INTERVAL_MS = 30_000;

const interval = (value: string): string => {
  const ms = /^\d+s$/.test(value) ? (parseDuration(value) ?? 0) : 0;
  if (ms > 0 && ms <= MAX_INTERVAL_MS) return value;
  throw new InvalidArgumentError("It must be whole seconds, 30s at most: critical alerts wait for a minute.");
};

const address = (value: string): string => {
  if (/^[^\s#"'<>{}]+$/.test(value)) return value;
  throw new InvalidArgumentError("It must be an address or a path without spaces, quotes, braces and '#'.");
};

export const addMonitoring: AddCommand<MonitoringCommandOptions> = (program, finish, act) => {
  program
    .command("monitoring")
    .description("write what Prometheus and Grafana need: alert rules with their tests, a dashboard, a scrape configuration")
    .requiredOption("--out <dir>", "where to write; made when it is not there")
    .option("--target <host:port>", `an agent that Prometheus scrapes, again for each (default: ${DEFAULT_TARGET})`, addTarget)
    .option("--job <name>", "the job's name in Prometheus", jobName, "spacegate")
    .option("--interval <duration>", "time between two scrapes", interval, "15s")
    .option("--runbook <url>", "where runbook.md can be read: alerts lead to its anchors", address, "runbook.md")
    .option("--force", "replace files whose content differs")
    .option("--json", "print the list of files as JSON")
    .addHelpText("after", "\nExample:\n  spacegate monitoring --out /etc/prometheus/spacegate --target gateway.example:9747")
    .action(
      finish((options: Omit<MonitoringCommandOptions, "target"> & Partial<Pick<MonitoringCommandOptions, "target">>) =>
        act({ ...options, target: options.target ?? [DEFAULT_TARGET] }),
      ),
    );
};
