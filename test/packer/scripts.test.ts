import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { PACKER } from "./support.ts";

describe("the scripts of the build", () => {
  it("are what shellcheck would have them be, for every POSIX shell", async () => {
    const scripts = (await readdir(PACKER)).filter((name) => name.endsWith(".sh")).map((name) => join(PACKER, name));
    expect(scripts.length).toBeGreaterThan(3);
    const { stdout } = await execa("shellcheck", ["--shell=sh", "--enable=quote-safe-variables", ...scripts], { reject: false });
    expect(stdout).toBe("");
  });
});

describe("the units of the image", () => {
  it("are what systemd would have them be", async () => {
    const units = (await readdir(join(PACKER, "files"))).filter((name) => /^spacegate-.*\.(service|timer)$/.test(name));
    expect(units).toHaveLength(3);
    const paths = units.map((name) => join(PACKER, "files", name));
    const { all = "" } = await execa("systemd-analyze", ["verify", "--man=no", ...paths], { reject: false, all: true });
    // The program itself is installed on a gateway only.
    const told = all
      .split("\n")
      .filter((line) => /spacegate-/.test(line) && !/spacegate is not executable|Unit configuration/.test(line));
    expect(told).toEqual([]);
  });
});
