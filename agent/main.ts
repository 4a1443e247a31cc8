#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=2 --no-opt
/*
 * Memory counts for more than speed on a small gateway. New objects get 2 MB instead of 32 (README, "What it needs"), no code
 * is compiled by the slowest and largest of V8's compilers, and one arena serves all threads.
 */
import { buildProgram } from "./cli/program.ts";
import { messageOf, SpacegateError } from "./lib/errors.ts";
import { VERSION } from "./main/version.ts";

const EXIT_CODES: Readonly<Record<string, number>> = { SETTINGS_INVALID: 3, OPTION_MISSING: 2, INTERRUPTED: 130 };

/** The sentence that a command ends with when it cannot go on. */
const errorText = (error: SpacegateError): string => `${error.message}\n${error.fix}\n(${error.code})`;

// Each command loads what it needs and no more: the daemon keeps for ever what it has loaded.
const program = buildProgram(
  VERSION,
  {
    run: async (options) => (await import("./main/run.ts")).run(options),
    once: async (options) => (await import("./main/once.ts")).once(options),
    plan: async (options) => (await import("./main/plan.ts")).plan(options),
    drill: async (options) => (await import("./main/drill.ts")).drill(options),
    drain: async (options) => (await import("./main/drain.ts")).drain(options),
    monitoring: async (options) => (await import("./main/monitoring.ts")).monitoring(options),
    status: async (options) => (await import("./main/status.ts")).status(options),
    setup: async (options) => (await import("./main/setup.ts")).setup(options),
    vpn: async (options) => (await import("./main/vpn.ts")).vpn(options),
    privatelink: async (options) => (await import("./main/privatelink.ts")).privatelink(options),
    privatelinkConnect: async (options) => (await import("./main/privatelink-connect.ts")).privatelinkConnect(options),
    privatelinkDisconnect: async (options) => (await import("./main/privatelink-disconnect.ts")).privatelinkDisconnect(options),
    privatelinkPolicy: async (options) => (await import("./main/privatelink-policy.ts")).privatelinkPolicy(options),
    privatelinkPublishRds: async (options) => (await import("./main/privatelink-publish-rds.ts")).privatelinkPublishRds(options),
    check: async (options) => (await import("./main/check.ts")).check(options),
    bundle: async (options) => (await import("./main/bundle.ts")).bundle(options),
    tls: async (options) => (await import("./main/tls.ts")).tls(options),
    firstBoot: async (options) => (await import("./main/first-boot.ts")).firstBoot(options),
    schema: async () => (await import("./main/schema.ts")).schema(),
    explain: async (options) => (await import("./main/explain.ts")).explain(options),
    completion: async (options) => (await import("./main/completion.ts")).completion(options),
    man: async (options) => (await import("./main/man.ts")).man(options),
  },
  (exitCode) => {
    process.exitCode = exitCode;
  },
);

try {
  await program.parseAsync();
} catch (thrown) {
  process.stderr.write(`${thrown instanceof SpacegateError ? errorText(thrown) : messageOf(thrown)}\n`);
  process.exitCode = (thrown instanceof SpacegateError && EXIT_CODES[thrown.code]) || 1;
}
