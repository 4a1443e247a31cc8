import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesIn, textOf } from "../../agent/bundle/secret-files.ts";
import { failureOf, temporaryDirectory } from "../lib/support.ts";

describe("files that may hold secrets", () => {
  it("are found below a directory, by name", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "private"));
    for (const name of ["a.secrets", "b.conf", "private/key.pem"]) await writeFile(join(directory, name), "x");
    expect(
      (await filesIn(directory, (name) => !name.endsWith(".conf"))).map((path) => path.slice(directory.length)).sort(),
    ).toEqual(["/a.secrets", "/private", "/private/key.pem"]);
  });

  it("that are not there, or are directories, have none", async () => {
    const directory = await temporaryDirectory();
    expect(await textOf(join(directory, "missing"))).toBeUndefined();
    expect(await textOf(directory)).toBeUndefined();
    expect(await filesIn(join(directory, "missing"))).toEqual([]);
  });

  it("that cannot be read are an error: what they hold could not be kept out", async () => {
    const path = join(await temporaryDirectory(), "secret");
    // Root may read everything; a link to itself nobody can.
    await symlink(path, path);
    expect(await failureOf(() => textOf(path))).toMatchObject({ code: "HOST_READ_FAILED", fix: expect.stringContaining("root") });
  });
});
