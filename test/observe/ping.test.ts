import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parsePingLine, runPing } from "../../agent/observe/ping.ts";
import { putOnPath, temporaryDirectory, writeProgram } from "../lib/support.ts";

describe("a line of ping -O", () => {
  it.each([
    ["64 bytes from 10.0.0.10: icmp_seq=1 ttl=64 time=0.040 ms", 0.04],
    ["64 bytes from 10.0.0.10: icmp_seq=65535 ttl=255 time=1001 ms", 1001],
    ["no answer yet for icmp_seq=5", null],
    ["From 172.16.0.2 icmp_seq=1 Destination Host Unreachable", null],
    ["From 10.0.0.1 icmp_seq=2 Time to live exceeded", null],
    ["From 10.0.0.1 icmp_seq=2 Packet filtered", null],
  ])("%s: %j", (line, result) => {
    expect(parsePingLine(line)).toBe(result);
  });

  it.each([
    "PING 10.0.0.10 (10.0.0.10) from 172.16.0.2 : 56(84) bytes of data.",
    "64 bytes from 10.0.0.10: icmp_seq=1 ttl=64 time=0.040 ms (DUP!)",
    "From 172.16.0.1 icmp_seq=3 Redirect Host(New nexthop: 172.16.0.254)",
    "--- 10.0.0.10 ping statistics ---",
    "3 packets transmitted, 2 received, 33% packet loss, time 402ms",
    "rtt min/avg/max/mdev = 0.040/0.040/0.040/0.000 ms",
    "",
  ])("%s: no probe's outcome", (line) => {
    expect(parsePingLine(line)).toBeUndefined();
  });
});

const never = new AbortController().signal;

describe("the real ping", () => {
  it("answers on loopback in its rhythm until it is told to end", async () => {
    const controller = new AbortController();
    const results: (number | null)[] = [];
    const started = performance.now();
    const words = await runPing(
      { target: "127.0.0.1", source: "127.0.0.1", intervalMs: 20 },
      (result) => {
        results.push(result);
        if (results.length === 5) controller.abort();
      },
      controller.signal,
    );
    expect(results).toEqual(Array(5).fill(expect.any(Number)));
    expect(performance.now() - started).toBeLessThan(2000);
    expect(words).not.toMatch(/error/i);
  });

  it("says why it cannot begin", async () => {
    const words = await runPing({ target: "10.0.0.10", source: "192.0.2.77", intervalMs: 200 }, () => {}, never);
    expect(words).toMatch(/ping: bind: Cannot assign requested address/);
  });
});

describe("ping as a child", () => {
  const fakePing = async (script: string): Promise<string> => {
    const directory = await temporaryDirectory();
    await writeProgram(directory, "ping", `#!/bin/sh\n${script}\n`);
    putOnPath(directory);
    return directory;
  };

  it("is asked with the mark and the source, without the agent's environment", async () => {
    process.env.HEROKU_API_KEY = "HRKU-of-the-test";
    onTestFinished(() => {
      delete process.env.HEROKU_API_KEY;
    });
    const directory = await fakePing('printf "%s\\n" "$*" >"$0.argv"; env >"$0.env"');
    const target = { target: "10.0.0.10", source: "172.16.0.2", mark: 20_480, intervalMs: 200 };
    await runPing(target, () => {}, never);
    expect(await readFile(join(directory, "ping.argv"), "utf8")).toBe("-n -O -i 0.2 -m 20480 -I 172.16.0.2 10.0.0.10\n");
    const env = await readFile(join(directory, "ping.env"), "utf8");
    expect([env.includes("LC_ALL=C"), env.includes("HRKU")]).toEqual([true, false]);
  });

  it("tells of replies and misses as they come, and ends with its last words", async () => {
    await fakePing(`
      echo "PING 10.0.0.10"
      echo "64 bytes from 10.0.0.10: icmp_seq=1 ttl=64 time=3.5 ms"
      echo "no answer yet for icmp_seq=2"
      echo "ping: killed by the test" >&2
      exit 2`);
    const results: (number | null)[] = [];
    const words = await runPing({ target: "x", source: "y", intervalMs: 200 }, (result) => void results.push(result), never);
    expect(results).toEqual([3.5, null]);
    expect(words).toContain("ping: killed by the test");
  });

  it("that is not installed ends at once, with words that say so", async () => {
    const directory = await temporaryDirectory();
    putOnPath(directory);
    process.env.PATH = directory;
    const words = await runPing({ target: "x", source: "y", intervalMs: 200 }, () => {}, never);
    expect(words).toContain("ENOENT");
  });

  it("is ended by an abort that came before it began", async () => {
    await fakePing("exec sleep 30");
    await runPing({ target: "x", source: "y", intervalMs: 200 }, () => {}, AbortSignal.abort());
  });
});
