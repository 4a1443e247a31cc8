import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import tmp from "tmp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { readSettings } from "../../agent/settings/read.ts";
import { SMALLEST } from "./problems.ts";

/** Modes do not hold root back, so root steps down for the time of `act`. */
const asNobody = async <T>(act: () => Promise<T>): Promise<T> => {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
};

describe("reading the settings file", () => {
  let directory: tmp.DirResult;
  let file: string;

  beforeEach(() => {
    directory = tmp.dirSync({ unsafeCleanup: true, prefix: "spacegate-settings-" });
    file = join(directory.name, "config.yaml");
  });

  afterEach(() => directory.removeCallback());

  const refusal = async (path = file): Promise<SpacegateError> => {
    const thrown: unknown = await readSettings(path).catch((error: unknown) => error);
    if (thrown instanceof SpacegateError && thrown.code === "SETTINGS_INVALID") return thrown;
    throw new Error("was not refused as it should be", { cause: thrown });
  };

  it("gives the settings", async () => {
    writeFileSync(file, SMALLEST);
    expect((await readSettings(file)).connections[0]?.name).toBe("office");
  });

  it("takes a byte order mark, whose absence from the text keeps the columns right", async () => {
    writeFileSync(file, `\uFEFF${SMALLEST}`);
    expect((await readSettings(file)).connections[0]?.name).toBe("office");
    writeFileSync(file, "\uFEFFfoo: 1");
    expect((await refusal()).message).toContain(`${file}:1:1 foo: unknown key`);
  });

  it("names the file and the place of a problem", async () => {
    writeFileSync(file, `${SMALLEST}log: { level: loud }\r\n`);
    expect((await refusal()).details.problems).toEqual([
      {
        file,
        line: 5,
        column: 15,
        path: "log.level",
        value: '"loud"',
        message: "must be one of debug, info, warn, error",
        example: "info",
      },
    ]);
  });

  it("tells how to name another file when there is none", async () => {
    const error = await refusal();
    expect(error.message).toBe(`${file}: does not exist`);
    expect(error.fix).toContain("--config");
    expect(error.details.problems).toEqual([{ file, line: 0, column: 0, path: "", message: "does not exist" }]);
  });

  it("finds no file below a file", async () => {
    writeFileSync(file, "");
    expect((await refusal(join(file, "x.yaml"))).message).toMatch(/x\.yaml: does not exist$/);
  });

  it("refuses a directory", async () => {
    mkdirSync(file);
    expect((await refusal()).message).toBe(`${file}: is a directory`);
  });

  it("does not wait for the writer of a named pipe", async () => {
    execFileSync("/usr/bin/mkfifo", [file]);
    expect((await refusal()).message).toBe(`${file}: is not a regular file`);
  });

  it("refuses a link to itself", async () => {
    symlinkSync(file, file);
    expect((await refusal()).message).toMatch(/: cannot be read: ELOOP/);
  });

  it("refuses a file that it may not read", async () => {
    writeFileSync(file, SMALLEST);
    chmodSync(file, 0o000);
    const error = await asNobody(() => refusal());
    expect(error.message).toBe(`${file}: must not be read by this user`);
    expect(error.fix).toContain("owner and mode");
  });

  it("refuses more than a mebibyte, and takes as much", async () => {
    writeFileSync(file, `${SMALLEST}#${" ".repeat(1024 * 1024 - SMALLEST.length - 1)}`);
    expect((await readSettings(file)).connections).toHaveLength(1);
    truncateSync(file, 1024 * 1024 + 1);
    expect((await refusal()).message).toBe(`${file}: is larger than 1 MiB`);
  });

  it.each([
    ["Latin-1", Buffer.from([0x61, 0x3a, 0x20, 0xe9])],
    ["UTF-16", Buffer.from("\uFEFFa: 1", "utf16le")],
  ])("refuses %s", async (_, bytes) => {
    writeFileSync(file, bytes);
    expect((await refusal()).message).toBe(`${file}: is not UTF-8 text`);
  });

  it("refuses an empty file", async () => {
    writeFileSync(file, "");
    expect((await refusal()).message).toContain(`${file}: is empty; for example { connections: [`);
  });
});
