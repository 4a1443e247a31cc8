import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import type { Log } from "../../agent/lib/log.ts";

export const REF = { space: "acme-space", name: "office" };
export const PSKS = ["abcdef12345", "123456abcdef"] as const;
export const TOKEN = "HRKU-0123-token-of-the-test";

const wireTunnel = (ip: string, psk: string) => ({
  customer_ip: "203.0.113.10",
  ip,
  last_status_change: "2016-10-25T22:09:05Z",
  pre_shared_key: psk,
  status: "UP",
  status_message: "",
});

export const FIRST = wireTunnel("34.203.187.158", PSKS[0]);
export const SECOND = wireTunnel("34.227.70.143", PSKS[1]);

/** A vpn-connection object with the documentation's own sample values. */
export const wire = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: "123456789012",
  ike_version: 1,
  name: "office",
  public_ip: "203.0.113.10",
  routable_cidrs: ["172.16.0.0/16"],
  space_cidr_block: "10.0.0.0/16",
  status: "active",
  status_message: "",
  tunnels: [FIRST, SECOND],
  ...changes,
});

/** What an error shows wherever it is printed: message, fix, details, cause, stack. */
export const everythingOf = (error: SpacegateError): string =>
  [error.message, error.fix, JSON.stringify(error.details), String(error.cause), error.stack].join("\n");

/** The SpacegateError that `job` fails with; anything else fails the test. */
export const failureOf = async (job: () => unknown): Promise<SpacegateError> => {
  try {
    await job();
  } catch (thrown) {
    if (thrown instanceof SpacegateError) return thrown;
    throw thrown;
  }
  throw new Error("it did not fail");
};

export const temporaryDirectory = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), "spacegate-source-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

export interface LogLines extends Log {
  readonly lines: string[];
}

/** Keeps "level message {fields}" for each call. */
export const logLines = (): LogLines => {
  const lines: string[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  const log: LogLines = { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: () => log };
  return log;
};

export const never = new AbortController().signal;
