import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { archive } from "../../agent/bundle/archive.ts";
import { temporaryDirectory } from "../lib/support.ts";

it("is what tar and gzip read: one directory, files of its owner", async () => {
  const path = join(await temporaryDirectory(), "x.tar.gz");
  const entries = [
    { name: "a.txt", text: "ä\n" },
    { name: `${"deep/".repeat(30)}b.txt`, text: "" },
  ];
  await writeFile(path, await archive("top", entries, new Date("2026-11-22T14:20:00Z")));
  const { stdout } = await execa("tar", ["--utc", "-tvzf", path]);
  expect(stdout.split("\n").map((line) => line.replace(/\s+/g, " "))).toEqual([
    "-rw------- 0/0 3 2026-11-22 14:20 top/a.txt",
    `-rw------- 0/0 0 2026-11-22 14:20 top/${entries[1]?.name}`,
  ]);
  expect((await execa("tar", ["-xzOf", path, "top/a.txt"])).stdout).toBe("ä");
});
