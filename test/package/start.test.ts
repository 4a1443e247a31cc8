import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../lib/support.ts";

/** Prints the first message that comes to a datagram socket, as systemd would take it. */
const LISTENER = `
  socket S, AF_UNIX, SOCK_DGRAM, 0; bind S, pack_sockaddr_un shift; $| = 1; print "listening\\n";
  alarm 20; recv S, my $said, 4096, 0; print $said`;

/** The unit's command as systemd makes argv of it, with another program in the agent's place. */
const startCommand = async (program: readonly string[]): Promise<string[]> => {
  const unit = await readFile(new URL("../../systemd/spacegate.service", import.meta.url), "utf8");
  const line = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit)?.[1] ?? "";
  const [, perl = "", options = "", script = ""] = /^(\S+) (\S+) -e '(.*)' \/usr\/bin\/spacegate run$/s.exec(line) ?? [];
  return [perl, options, "-e", script.replaceAll(/\\\n/g, " ").replaceAll("$$", "$"), ...program];
};

describe("the unit's command", () => {
  it("lets the agent itself, with its arguments, tell systemd how it is", async () => {
    const socket = join(await temporaryDirectory(), "notify");
    const listener = execa("perl", ["-MSocket", "-e", LISTENER, socket]);
    await new Promise((resolve) => listener.stdout.once("data", resolve));
    const script = 'printf "READY=1 by %s" "$0" >&"$SPACEGATE_NOTIFY_FD"';
    const [file = "", ...argv] = await startCommand(["/bin/bash", "-c", script, "run"]);
    await execa(file, argv, { env: { NOTIFY_SOCKET: socket } });
    expect((await listener).stdout).toContain("READY=1 by run");
  });

  it("ends with an error where nobody listens", async () => {
    const [file = "", ...argv] = await startCommand(["/bin/true"]);
    const { exitCode } = await execa(file, argv, { env: { NOTIFY_SOCKET: "/nonexistent/notify" }, reject: false });
    expect(exitCode).not.toBe(0);
  });
});
