import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { below, gateway, snapshotOf, spacegate } from "./support.ts";

describe("usage", () => {
  it.each([[["--help"]], [["plan", "--help"]], [["run", "--help"]], [["once", "--help"]], [["--version"]]])(
    "%j is 0",
    async (args) => {
      const { exitCode, stdout, stderr } = await spacegate(args);
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/Example|Exit codes|^\d+\.\d+\.\d+$/m);
    },
  );

  it.each([[["bogus"]], [["plan", "--bogus"]], [["plan", "--root"]], [["plan", "extra"]], [[]]])(
    "%j is 2, with help",
    async (args) => {
      const { exitCode, stdout, stderr } = await spacegate(args);
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/help/);
    },
  );

  it("schema prints the JSON Schema, and needs nothing", async () => {
    const { exitCode, stdout } = await spacegate(["schema"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: "object", properties: { connections: { type: "array" } } });
  });
});

describe("settings that are not there, or wrong", () => {
  it.each(["plan", "once", "run"])("%s is 3 and says which file", async (command) => {
    const { exitCode, stderr } = await spacegate([command, "--config", "/nonexistent/config.yaml", "--root", "/nonexistent"]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("/nonexistent/config.yaml");
  });

  it("are looked for below the root when no file is named", async () => {
    const { exitCode, stderr } = await spacegate(["plan", "--root", "/nonexistent"]);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("/nonexistent/etc/spacegate/config.yaml")]);
  });

  it.each([
    ["a name with shell characters", "$(reboot)"],
    ["a name with a line break", "a\nb"],
    ["a name with a quote", 'a"b'],
  ])("%s is refused and changes nothing", async (_what, name) => {
    const connections = [{ space: "acme-space", name, local: { subnets: ["172.16.0.0/16"] } }];
    const host = await gateway(undefined, { connections });
    const before = await snapshotOf(host.root);
    for (const command of ["plan", "once"]) {
      const { exitCode, stderr } = await spacegate([command, ...below(host)]);
      expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/config\.yaml.*connections\[0\]\.name/s)]);
    }
    expect(await snapshotOf(host.root)).toBe(before);
  });
});

describe("plan", () => {
  it("changes nothing", async () => {
    const host = await gateway();
    const before = await snapshotOf(host.directory);
    for (const more of [[], ["--json"], ["--exit-code"]]) await spacegate(["plan", ...below(host), ...more]);
    expect(await snapshotOf(host.directory)).toBe(before);
  });

  it("is 0 with changes pending, and 1 for those who ask", async () => {
    const host = await gateway();
    const codes = [];
    for (const more of [[], ["--exit-code"]]) codes.push((await spacegate(["plan", ...below(host), ...more])).exitCode);
    expect(codes).toEqual([0, 1]);
  });

  it("shows PSKs as fingerprints", async () => {
    const { stdout } = await spacegate(["plan", ...below(await gateway())]);
    expect(stdout.match(/: PSK <psk [0-9a-f]{12}>$/gm)).toHaveLength(2);
  });

  it("as JSON has files and steps for scripts", async () => {
    const { stdout } = await spacegate(["plan", ...below(await gateway()), "--json"]);
    const { files, steps } = JSON.parse(stdout);
    expect(files).toContainEqual(
      expect.objectContaining({
        path: "/etc/ipsec.secrets",
        mode: "0600",
        change: "update",
        content: expect.stringMatching(/203\.0\.113\.10 34\.203\.187\.158 : PSK <psk [0-9a-f]{12}>/),
      }),
    );
    expect(files.map((file: { change: string }) => file.change).sort()).toEqual(["create", "update", "update"]);
    for (const step of steps)
      expect(step).toEqual(expect.objectContaining({ kind: expect.any(String), text: expect.any(String) }));
    expect(steps.map((step: { kind: string }) => step.kind)).toContain("keep-original");
  });

  it("needs no strongSwan and no iproute2", async () => {
    expect((await spacegate(["plan", ...below(await gateway())], { PATH: "/nonexistent" })).exitCode).toBe(0);
  });
});

describe("once below a directory", () => {
  it("writes the files, keeps the owner's, and expects no tunnel", async () => {
    const host = await gateway();
    const { exitCode } = await spacegate(["once", ...below(host)]);
    const text = (path: string) => readFile(join(host.root, path), "utf8");
    expect(exitCode).toBe(0);
    expect(await text("etc/ipsec.conf.before-spacegate")).toBe("conn theirs\n");
    expect(await text("etc/ipsec.conf")).toContain("right=34.203.187.158");
    expect(await text("etc/ipsec.secrets")).toContain(`PSK 0s${Buffer.from("abcdef12345").toString("base64")}\n`);
    for (const path of ["etc/ipsec.secrets", "var/lib/spacegate/last-good.json", "var/lib/spacegate/fingerprint.key"])
      expect((await stat(join(host.root, path))).mode & 0o777).toBe(0o600);
  });

  it("writes nothing the second time", async () => {
    const host = await gateway();
    await spacegate(["once", ...below(host)]);
    const path = join(host.root, "etc/ipsec.conf");
    const before = [await snapshotOf(host.root), (await stat(path)).ino];
    await spacegate(["once", ...below(host)]);
    const { files } = JSON.parse((await spacegate(["plan", ...below(host), "--json"])).stdout);
    expect([await snapshotOf(host.root), (await stat(path)).ino]).toEqual(before);
    expect(new Set(files.map((file: { change: string }) => file.change))).toEqual(new Set(["none"]));
  });
});
