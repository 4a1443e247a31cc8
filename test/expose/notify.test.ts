import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { statusWord, systemdNotifier, watchdogInterval } from "../../agent/expose/notify.ts";
import { temporaryDirectory, writeProgram } from "../lib/support.ts";

const withProgram = async (script: string) => {
  const directory = await temporaryDirectory();
  const program = await writeProgram(directory, "systemd-notify", `#!/bin/sh\n${script}\n`);
  return { program, PATH: `${directory}:${process.env.PATH}` };
};

const RECORD = 'printf "<%s>" "$@" >>"$0.argv"; env >"$0.env"';

describe("the service manager", () => {
  it("is told through its own program, in the agent's name, which gets nothing else of the agent's", async () => {
    const { program, PATH } = await withProgram(RECORD);
    const notifier = systemdNotifier({ NOTIFY_SOCKET: "/run/notify", PATH, HEROKU_API_KEY: "HRKU-of-the-test" });
    await notifier.notify("READY=1", statusWord("both tunnels are up"));
    expect(await readFile(`${program}.argv`, "utf8")).toBe(`<--pid=${process.pid}><READY=1><STATUS=both tunnels are up>`);
    const env = await readFile(`${program}.env`, "utf8");
    expect(env).toContain("NOTIFY_SOCKET=/run/notify");
    expect(env).not.toContain("HRKU");
  });

  it("is told by the agent itself where the unit hands over the socket, one message at a time", async () => {
    const path = join(await temporaryDirectory(), "messages");
    await using handle = await open(path, "w");
    const notifier = systemdNotifier({ NOTIFY_SOCKET: "/run/notify", SPACEGATE_NOTIFY_FD: String(handle.fd) });
    await notifier.notify("READY=1", statusWord("both tunnels are up"));
    expect(await readFile(path, "utf8")).toBe("READY=1\nSTATUS=both tunnels are up");
  });

  it("is not told where there is none", async () => {
    const { program, PATH } = await withProgram(RECORD);
    await systemdNotifier({ PATH }).notify("READY=1");
    await systemdNotifier({ PATH, NOTIFY_SOCKET: "" }).notify("READY=1");
    await expect(readFile(`${program}.argv`)).rejects.toThrow(/ENOENT/);
  });

  it("that does not listen does no harm", async () => {
    const { PATH } = await withProgram("echo 'Failed to notify init system' >&2; exit 1");
    await systemdNotifier({ NOTIFY_SOCKET: "/run/notify", PATH }).notify("WATCHDOG=1");
    const missing = join(await temporaryDirectory(), "none");
    await systemdNotifier({ NOTIFY_SOCKET: "/run/notify", PATH: missing }).notify("WATCHDOG=1");
  });
});

describe("a status for the service manager", () => {
  it("is one line, and not endless", () => {
    expect(statusWord("down\nREADY=1\r\nMAINPID=1")).toBe("STATUS=down READY=1 MAINPID=1");
    expect(statusWord("x".repeat(1000))).toHaveLength("STATUS=".length + 200);
  });
});

describe("the watchdog's interval", () => {
  it.each([
    ["half of its time", { WATCHDOG_USEC: "30000000" }, 15_000],
    ["half of its time, when it is this process's", { WATCHDOG_USEC: "30000000", WATCHDOG_PID: String(process.pid) }, 15_000],
    ["none for another process", { WATCHDOG_USEC: "30000000", WATCHDOG_PID: "1" }, undefined],
    ["none without one", {}, undefined],
    ["none for nothing", { WATCHDOG_USEC: "" }, undefined],
    ["none for zero", { WATCHDOG_USEC: "0" }, undefined],
    ["none for nonsense", { WATCHDOG_USEC: "soon" }, undefined],
    ["none for less than none", { WATCHDOG_USEC: "-5" }, undefined],
  ])("is %s", (_what, env, ms) => {
    expect(watchdogInterval(env)).toBe(ms);
  });
});
