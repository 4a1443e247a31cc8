import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";
import { assertMayWrite, storeToken, writeSettings } from "../../agent/setup/write.ts";
import { failureOf, TOKEN, temporaryDirectory } from "../source/support.ts";

describe("the settings file", () => {
  test("is written for everybody to read, with the directories it needs", async () => {
    const path = join(await temporaryDirectory(), "etc/spacegate/config.yaml");
    expect(await writeSettings(path, "new\n", "20261122T141953")).toBeUndefined();
    expect([await readFile(path, "utf8"), (await stat(path)).mode & 0o777]).toEqual(["new\n", 0o644]);
  });

  test("of before is kept beside it", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, "config.yaml");
    await writeFile(path, "old\n");
    const kept = await writeSettings(path, "new\n", "20261122T141953");
    expect(kept).toBe(`${path}.before-setup-20261122T141953`);
    expect(await readFile(kept ?? "", "utf8")).toBe("old\n");
    expect(await readdir(directory)).toHaveLength(2);
  });

  test("is asked about only where there is one", async () => {
    const directory = await temporaryDirectory();
    await assertMayWrite(join(directory, "none"), async () => expect.unreachable());
    await assertMayWrite(directory, async () => true);
    expect(await failureOf(() => assertMayWrite(directory, async () => false))).toMatchObject({ code: "SETUP_REFUSED" });
  });

  test("that cannot be written is an error with the path", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "file"), "");
    const error = await failureOf(() => writeSettings(join(directory, "file/config.yaml"), "new\n", "x"));
    expect(error).toMatchObject({ code: "HOST_WRITE_FAILED", message: expect.stringContaining("file/config.yaml") });
  });
});

describe("the token", () => {
  test("is root's alone, and stored once", async () => {
    const path = join(await temporaryDirectory(), "credstore/heroku-api-key");
    expect([await storeToken(path, new Secret(TOKEN)), await storeToken(path, new Secret(TOKEN))]).toEqual([true, false]);
    expect([(await stat(path)).mode & 0o777, (await stat(join(path, ".."))).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test("is in no error", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "file"), "");
    const error = await failureOf(() => storeToken(join(directory, "file/heroku-api-key"), new Secret(TOKEN)));
    expect(`${error.message} ${error.fix} ${error.stack} ${error.cause}`).not.toContain(TOKEN);
  });
});
