import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readAndKeep, settingsAtStart } from "../../agent/settings/last-good.ts";
import { failureOf, logLines, temporaryDirectory } from "../lib/support.ts";
import { SMALLEST } from "./problems.ts";

const BROKEN = "connections: [{ space: acme-space,\n";

const setUp = async (text?: string) => {
  const directory = await temporaryDirectory();
  const places = { file: join(directory, "config.yaml"), copy: join(directory, "state/last-good-settings.yaml") };
  const log = logLines();
  const write = (now: string) => writeFile(places.file, now);
  if (text !== undefined) await write(text);
  return { directory, places, log, write };
};

/** As after a run with good settings, whose file somebody has broken since. */
const brokenSince = async (text = BROKEN) => {
  const made = await setUp(SMALLEST);
  await readAndKeep(made.places, made.log);
  await made.write(text);
  return made;
};

describe("a start with wrong settings", () => {
  it.each([
    ["broken YAML", BROKEN],
    ["an empty file", ""],
    ["an unknown key", `${SMALLEST}colour: red\n`],
  ])("goes on with the last good text after %s", async (_what, text) => {
    const { places } = await brokenSince(text);
    const { settings, refused } = await settingsAtStart(places);
    expect(settings.connections[0]?.name).toBe("office");
    expect(refused).toMatchObject({ code: "SETTINGS_INVALID", message: expect.stringContaining(places.file) });
  });

  it("goes on when something else than a file is in its place", async () => {
    const { places } = await brokenSince();
    const file = join(places.file, "../a-directory");
    await writeFile(places.copy, (await readFile(places.copy, "utf8")).replace(places.file, file));
    await mkdir(file);
    expect((await settingsAtStart({ ...places, file })).refused?.message).toContain("is a directory");
  });

  it("takes a good file as it is, whatever was kept", async () => {
    const { places, write } = await brokenSince();
    await write(SMALLEST.replace("office", "branch"));
    const { settings, refused } = await settingsAtStart(places);
    expect([settings.connections[0]?.name, refused]).toEqual(["branch", undefined]);
  });

  it("ends when the file was taken away: that is its owner's word", async () => {
    const { places, directory } = await brokenSince();
    const error = await failureOf(() => settingsAtStart({ ...places, file: join(directory, "gone.yaml") }));
    expect(error).toMatchObject({ code: "SETTINGS_INVALID", message: expect.stringContaining("does not exist") });
  });

  it("ends with the file's own problem when nothing was kept", async () => {
    const { places } = await setUp(BROKEN);
    expect((await failureOf(() => settingsAtStart(places))).message).toContain(places.file);
  });

  it.each([
    ["of another settings file", (text: string) => text.replace("config.yaml", "other.yaml")],
    ["whose first line somebody took out", (text: string) => text.slice(text.indexOf("\n") + 1)],
    ["that is damaged", (text: string) => text.slice(0, -20)],
  ])("ends with the file's own problem when there is only a copy %s", async (_what, change) => {
    const { places } = await brokenSince();
    await writeFile(places.copy, change(await readFile(places.copy, "utf8")));
    const error = await failureOf(() => settingsAtStart(places));
    expect(error.message).toContain(places.file);
    expect(error.message).not.toContain(places.copy);
  });
});

describe("reading the settings in a running agent", () => {
  it("keeps a good text as it was written, for root alone", async () => {
    const { places, log } = await setUp(`# mine\n${SMALLEST}`);
    expect((await readAndKeep(places, log)).connections[0]?.name).toBe("office");
    const kept = await readFile(places.copy, "utf8");
    expect(kept).toMatch(/^# Written by spacegate\..*\n# mine\nconnections:\n/);
    expect((await stat(places.copy)).mode & 0o777).toBe(0o600);
    expect((await stat(join(places.copy, ".."))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(places.copy, ".."))).toEqual(["last-good-settings.yaml"]);
    expect(log.lines).toEqual([]);
  });

  it("writes again only what is new", async () => {
    const { places, log, write } = await setUp(SMALLEST);
    await readAndKeep(places, log);
    const first = (await stat(places.copy)).ino;
    await readAndKeep(places, log);
    expect((await stat(places.copy)).ino).toBe(first);
    await write(SMALLEST.replace("office", "branch"));
    await readAndKeep(places, log);
    expect(await readFile(places.copy, "utf8")).toContain("branch");
  });

  it("keeps nothing of a wrong text", async () => {
    const { places, log } = await brokenSince();
    const before = await readFile(places.copy, "utf8");
    expect(await failureOf(() => readAndKeep(places, log))).toMatchObject({ code: "SETTINGS_INVALID" });
    expect(await readFile(places.copy, "utf8")).toBe(before);
  });

  it("has the settings also where nothing can be kept, and says so", async () => {
    const { places, log, directory } = await setUp(SMALLEST);
    await writeFile(join(directory, "state"), "in the way");
    expect((await readAndKeep(places, log)).connections).toHaveLength(1);
    expect(log.lines.join("\n")).toMatch(/warn.*cannot be kept.*(ENOTDIR|EEXIST)/);
  });
});
