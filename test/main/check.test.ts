import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CheckReport } from "../../agent/check/result.ts";
import { below, gateway, snapshotOf, spacegate, wire } from "./support.ts";

const statusesOf = ({ results }: CheckReport): Record<string, string> =>
  Object.fromEntries(results.map(({ code, status }) => [code, status]));

const check = async (own: Awaited<ReturnType<typeof gateway>>) => {
  const { exitCode, stdout } = await spacegate(["check", "--json", ...below(own)]);
  return { exitCode, report: JSON.parse(stdout) as CheckReport };
};

describe("spacegate check below a directory", () => {
  it("looks at details and files, and passes nothing that needs a kernel or a daemon", async () => {
    const own = await gateway();
    const { exitCode, report } = await check(own);
    expect(exitCode).toBe(0);
    expect(statusesOf(report)).toEqual({
      "source-failed": "ok",
      "connection-waiting": "ok",
      "public-address-differs": "skipped",
      "connection-refused": "ok",
      "clock-wrong": "skipped",
      "strongswan-old": "skipped",
      "ports-taken": "skipped",
      "charon-absent": "skipped",
      "vici-absent": "skipped",
      "plugins-missing": "skipped",
      "algorithms-missing": "skipped",
      "esp-missing": "skipped",
      "vti-missing": "skipped",
      "ip-forward-off": "skipped",
      "firewall-failed": "skipped",
      "rp-filter-strict": "skipped",
      "conntrack-full": "skipped",
      "local-address-gone": "skipped",
      "no-answer-500": "skipped",
      "no-answer-4500": "skipped",
      "mtu-small": "skipped",
      "mss-large": "skipped",
      "secret-readable": "ok",
      "apparmor-denies": "skipped",
      "no-route-back": "skipped",
      "source-dest-check": "skipped",
      "tunnel-down": "skipped",
      "link-down": "skipped",
      "agent-warns": "skipped",
    });
  });

  it("changes nothing", async () => {
    const own = await gateway();
    const before = await snapshotOf(own.directory);
    await check(own);
    expect(await snapshotOf(own.directory)).toBe(before);
  });

  it("fails for a secret that others may read, and for details that do not fit", async () => {
    const own = await gateway(wire({ routable_cidrs: ["192.168.0.0/16"] }));
    await chmod(join(own.root, "etc/ipsec.secrets"), 0o644);
    const { exitCode, report } = await check(own);
    expect(exitCode).toBe(1);
    expect(report.ok).toBe(false);
    expect(report.results.filter(({ status }) => status === "failed").map(({ code }) => code)).toEqual([
      "connection-refused",
      "secret-readable",
    ]);
  });

  it("tells a file that is not there by the source's own words", async () => {
    const own = await gateway("{}");
    const { report } = await check(own);
    expect(statusesOf(report)["source-failed"]).toBe("failed");
  });

  it("prints text without a terminal's colours", async () => {
    const own = await gateway();
    const { exitCode, stdout } = await spacegate(["check", ...below(own)]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Heroku\n  ok       Heroku gives the details: the file has them\n");
    expect(stdout).not.toContain("\u001b");
  });

  it("ends with 3 for wrong settings", async () => {
    const own = await gateway();
    await mkdir(own.root, { recursive: true });
    await writeFile(own.config, "connections: []\n");
    expect((await spacegate(["check", ...below(own)])).exitCode).toBe(3);
  });
});
