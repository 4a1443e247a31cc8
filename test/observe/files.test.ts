import { chmod, mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import { observeFiles } from "../../agent/observe/files.ts";
import { failureOf, temporaryDirectory } from "../lib/support.ts";

let root: string;

beforeEach(async () => {
  root = await temporaryDirectory();
  await mkdir(join(root, "etc"));
  await writeFile(join(root, "etc/ipsec.secrets"), "the PSK");
  await chmod(join(root, "etc/ipsec.secrets"), 0o640);
});

describe("files", () => {
  it("come by path, with content and mode; missing ones are missing", async () => {
    const files = await observeFiles(root, ["/etc/ipsec.secrets", "/etc/ipsec.conf", "/etc/ipsec.secrets/below"]);
    expect(Object.keys(files)).toEqual(["/etc/ipsec.secrets"]);
    expect(files["/etc/ipsec.secrets"]?.content.reveal()).toBe("the PSK");
    expect(files["/etc/ipsec.secrets"]?.mode).toBe(0o640);
    expect(Math.abs((files["/etc/ipsec.secrets"]?.modifiedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it("do not print what is in them", async () => {
    const files = await observeFiles(root, ["/etc/ipsec.secrets"]);
    expect(inspect(files, { depth: 9 }) + JSON.stringify(files)).not.toContain("the PSK");
  });

  it("are read through links", async () => {
    await symlink("ipsec.secrets", join(root, "etc/linked"));
    expect((await observeFiles(root, ["/etc/linked"]))["/etc/linked"]?.mode).toBe(0o640);
  });

  it("that are directories, or far too large, are refused", async () => {
    await writeFile(join(root, "etc/huge"), "");
    await truncate(join(root, "etc/huge"), 5 * 1024 * 1024);
    for (const path of ["/etc", "/etc/huge"]) {
      const error = await failureOf(() => observeFiles(root, [path]));
      expect([error.code, error.message]).toEqual([
        "HOST_READ_FAILED",
        `${join(root, path)} could not be read: it is not a file of ordinary size`,
      ]);
    }
  });

  it("that lead in a circle are told, not taken for missing", async () => {
    await symlink("circle", join(root, "etc/circle"));
    expect((await failureOf(() => observeFiles(root, ["/etc/circle"]))).message).toContain("ELOOP");
  });
});
