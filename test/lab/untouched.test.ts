import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dirSync, setGracefulCleanup } from "tmp";
import { beforeEach, describe, expect, it } from "vitest";
import { checkSameFiles, stampsBelow } from "./untouched.ts";

setGracefulCleanup();

describe("the stamps of files", () => {
  let directory: string;
  let before: readonly string[];

  const check = () => checkSameFiles(before, stampsBelow(directory, "/etc/ipsec.d"), "meanwhile");

  beforeEach(() => {
    directory = dirSync({ unsafeCleanup: true }).name;
    writeFileSync(join(directory, "office.conf"), "conn office\n");
    before = stampsBelow(directory, "/etc/ipsec.d");
  });

  it("are the same while nothing is written", () => {
    expect(check).not.toThrow();
  });

  it.each([
    ["a file that is written anew with the same text", () => writeFileSync(join(directory, "office.conf"), "conn office\n")],
    [
      "a file that another one replaces",
      () => {
        writeFileSync(join(directory, "new"), "conn office\n");
        renameSync(join(directory, "new"), join(directory, "office.conf"));
      },
    ],
    ["a new file", () => writeFileSync(join(directory, "stray"), "")],
  ])("tell of %s", (_, change) => {
    change();
    expect(check).toThrow(/^meanwhile: a file was written\n.*\/etc\/ipsec\.d/s);
  });
});
