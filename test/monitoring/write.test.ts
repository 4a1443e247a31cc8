import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFiles } from "../../agent/monitoring/write.ts";
import { failureOf, snapshotOf, temporaryDirectory } from "../lib/support.ts";

const FILES = [
  { name: "a.yml", text: "a: 1\n" },
  { name: "b.json", text: "{}\n" },
];

const changesIn = async (directory: string, force = false): Promise<string[]> =>
  (await writeFiles(directory, FILES, force)).map(({ change }) => change);

describe("writing the files", () => {
  it("makes the directory, and files that Prometheus' own user can read", async () => {
    const directory = join(await temporaryDirectory(), "deep/er");
    expect(await writeFiles(directory, FILES, false)).toEqual([
      { path: join(directory, "a.yml"), change: "created" },
      { path: join(directory, "b.json"), change: "created" },
    ]);
    expect(await readFile(join(directory, "a.yml"), "utf8")).toBe("a: 1\n");
    expect(((await stat(join(directory, "a.yml"))).mode & 0o777).toString(8)).toBe("644");
  });

  it("leaves what is right already untouched", async () => {
    const directory = await temporaryDirectory();
    await writeFiles(directory, FILES, false);
    const identity = async () => {
      const { ino, ctimeMs } = await stat(join(directory, "a.yml"));
      return { ino, ctimeMs };
    };
    const before = await identity();
    expect(await changesIn(directory)).toEqual(["unchanged", "unchanged"]);
    expect(await identity()).toEqual(before);
  });

  it("refuses to replace what differs, and then writes nothing at all", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "b.json"), "mine");
    const before = await snapshotOf(directory);
    expect(await failureOf(() => writeFiles(directory, FILES, false))).toMatchObject({
      code: "OUTPUT_EXISTS",
      message: `${join(directory, "b.json")} is there already with another content; nothing was written.`,
      fix: expect.stringContaining("--force"),
    });
    expect(await snapshotOf(directory)).toEqual(before);
  });

  it("replaces what differs with force", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "b.json"), "mine");
    expect(await changesIn(directory, true)).toEqual(["created", "replaced"]);
    expect(await readFile(join(directory, "b.json"), "utf8")).toBe("{}\n");
  });

  it("leaves the owner's other files alone", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "alertmanager.yml"), "mine");
    await writeFiles(directory, FILES, true);
    expect(await readFile(join(directory, "alertmanager.yml"), "utf8")).toBe("mine");
  });

  it.each([
    ["a file where the directory should be", async (path: string) => writeFile(path, "")],
    ["a directory where a file should be", async (path: string) => void (await mkdir(join(path, "a.yml"), { recursive: true }))],
  ])("says so for %s", async (_, prepare) => {
    const directory = join(await temporaryDirectory(), "out");
    await prepare(directory);
    expect(await failureOf(() => writeFiles(directory, FILES, true))).toMatchObject({
      code: "HOST_WRITE_FAILED",
      message: expect.stringContaining(directory),
    });
  });
});
