import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../agent/model/connection.ts";
import { LastGoodCopy } from "../../agent/source/last-good.ts";
import { parseConnection, toWire } from "../../agent/source/parse.ts";
import { failureOf, logLines, PSKS, REF, temporaryDirectory, wire } from "./support.ts";

const connection = (changes: Record<string, unknown> = {}): Connection => {
  const answer = parseConnection({ ...REF, name: String(changes.name ?? "office") }, wire(changes));
  if (answer.kind !== "ready") throw new Error(answer.reason);
  return answer.connection;
};

const OFFICE = { connection: connection(), confirmedAt: 1000 };
const BRANCH = { connection: connection({ name: "branch", space_cidr_block: "10.2.0.0/16" }), confirmedAt: 2000 };

const setup = async () => {
  const directory = join(await temporaryDirectory(), "state");
  const path = join(directory, "last-good.json");
  const log = logLines();
  return { directory, path, log, copy: new LastGoodCopy(path, log) };
};

const withFile = async (text: string, mode = 0o600) => {
  const place = await setup();
  await mkdir(place.directory);
  await writeFile(place.path, text, { mode });
  await chmod(place.path, mode);
  return place;
};

describe("the last good copy", () => {
  test("gives back what was saved, PSKs included", async () => {
    const { copy, log } = await setup();
    await copy.save([OFFICE, BRANCH]);
    const kept = await copy.load();
    expect([...kept.keys()]).toEqual(["acme-space/office", "acme-space/branch"]);
    const office = kept.get("acme-space/office");
    expect(office?.confirmedAt).toBe(1000);
    expect(office && toWire(office.connection)).toEqual(toWire(OFFICE.connection));
    expect(log.lines).toEqual([]);
  });

  test("keeps tunnel 1 and 2 as they were numbered", async () => {
    const { copy } = await setup();
    await copy.save([OFFICE]);
    const tunnels = (await copy.load()).get("acme-space/office")?.connection.tunnels;
    expect(tunnels?.map(({ index, psk }) => [index, psk.reveal()])).toEqual([
      [1, PSKS[0]],
      [2, PSKS[1]],
    ]);
  });

  test("is in a directory for its owner alone, and nothing else lies there", async () => {
    const { copy, directory } = await setup();
    await copy.save([OFFICE]);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(await readdir(directory)).toEqual(["last-good.json"]);
  });

  test.each([0, 0o077, 0o400])("is its owner's to read and write, and nobody else's, under umask %i", async (mask) => {
    const { copy, path } = await withFile("");
    const umask = process.umask(mask);
    try {
      await copy.save([OFFICE]);
    } finally {
      process.umask(umask);
    }
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("is replaced, not written over: who has it open reads the old text", async () => {
    const { copy, path } = await setup();
    await copy.save([OFFICE]);
    const before = await stat(path);
    await copy.save([BRANCH]);
    expect((await stat(path)).ino).not.toBe(before.ino);
    expect([...(await copy.load()).keys()]).toEqual(["acme-space/branch"]);
  });

  test("of a process that was killed while writing is removed", async () => {
    const { copy, directory } = await withFile("");
    const dead = 2 ** 22 + 1;
    await writeFile(join(directory, `.last-good.json.${dead}`), "half of it");
    await writeFile(join(directory, ".last-good.json.1"), "a living process writes here");
    await writeFile(join(directory, ".last-good.json.note"), "not ours");
    await copy.save([OFFICE]);
    expect(await readdir(directory)).toEqual([".last-good.json.1", ".last-good.json.note", "last-good.json"]);
  });

  test("is nothing at first, and that is no fault", async () => {
    const { copy, log } = await setup();
    expect(await copy.load()).toEqual(new Map());
    expect(log.lines).toEqual([]);
  });

  test("that others could read is closed again, and used", async () => {
    const { copy, path, log } = await setup();
    await copy.save([OFFICE]);
    await chmod(path, 0o644);
    expect((await copy.load()).size).toBe(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(log.lines).toEqual([expect.stringContaining("was open to others")]);
  });

  test.each([
    ["empty", ""],
    ["cut off", '{"version":1,"connections":[{"space":"acme-space","details":{"pre_shared_key":"abcdef12345'],
    ["another version", '{"version":2,"connections":[]}'],
    ["something else", '"abcdef12345"'],
  ])("%s is not used, said once, and not quoted", async (_case, text) => {
    const { copy, log } = await withFile(text);
    expect(await copy.load()).toEqual(new Map());
    expect(log.lines).toEqual([expect.stringContaining("the last good copy is damaged; it is not used")]);
    expect(log.lines.join()).not.toContain("abcdef");
  });

  test("loses only the entry that is damaged", async () => {
    const { copy, path, log } = await setup();
    await copy.save([OFFICE, BRANCH]);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"space_cidr_block": "10.0.0.0/16"', '"space_cidr_block": 7'));
    expect([...(await copy.load()).keys()]).toEqual(["acme-space/branch"]);
    expect(log.lines).toEqual([expect.stringContaining("damaged at entry [0]")]);
  });

  test("that is a directory is not used", async () => {
    const { copy, path, log } = await setup();
    await mkdir(path, { recursive: true, mode: 0o700 });
    expect(await copy.load()).toEqual(new Map());
    expect(log.lines).toEqual([expect.stringContaining("cannot be read (EISDIR)")]);
  });

  test("that cannot be written is an error, the old one stays, and no half of a new one", async () => {
    const { directory } = await withFile("");
    const copy = new LastGoodCopy(join(directory, "last-good.json", "below-a-file"), logLines());
    const error = await failureOf(() => copy.save([OFFICE]));
    expect(error).toMatchObject({
      code: "HOST_WRITE_FAILED",
      message: expect.stringContaining("below-a-file cannot be written ("),
    });
    expect(await readdir(directory)).toEqual(["last-good.json"]);
  });
});
