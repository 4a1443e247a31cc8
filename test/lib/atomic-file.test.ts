import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";
import { writeAtomically } from "../../agent/lib/atomic-file.ts";
import { temporaryDirectory } from "./support.ts";

const WRITER = fileURLToPath(new URL("write-forever.ts", import.meta.url));
const LIBRARY = fileURLToPath(new URL("../../agent/lib/atomic-file.ts", import.meta.url));

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  path = join(directory, "ipsec.secrets");
});

const modeOf = async (name: string): Promise<string> => ((await stat(name)).mode & 0o7777).toString(8);

/** A process number that belongs to nobody any more. */
const deadPid = async (): Promise<number> => {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
};

describe("writeAtomically", () => {
  it("writes content and mode, and nothing else", async () => {
    await writeAtomically({ path, text: "new\n", mode: 0o640 });
    expect([await readFile(path, "utf8"), await modeOf(path), await readdir(directory)]).toEqual([
      "new\n",
      "640",
      ["ipsec.secrets"],
    ]);
  });

  it("gives the mode whatever the umask says", async () => {
    const before = process.umask(0o077);
    try {
      await writeAtomically({ path, text: "new", mode: 0o644 });
    } finally {
      process.umask(before);
    }
    expect(await modeOf(path)).toBe("644");
  });

  it("makes missing directories with the mode asked for, 0755 when none is", async () => {
    await writeAtomically({ path: join(directory, "a/b/file"), text: "", mode: 0o600, directoryMode: 0o700 });
    await writeAtomically({ path: join(directory, "c/file"), text: "", mode: 0o600 });
    expect([await modeOf(join(directory, "a/b")), await modeOf(join(directory, "c"))]).toEqual(["700", "755"]);
  });

  it("leaves the mode of a directory that is there", async () => {
    await mkdir(join(directory, "open"), { mode: 0o755 });
    await writeAtomically({ path: join(directory, "open/file"), text: "", mode: 0o600, directoryMode: 0o700 });
    expect(await modeOf(join(directory, "open"))).toBe("755");
  });

  it("writes bytes as they are", async () => {
    const bytes = Buffer.from([0x23, 0xe9, 0x0a]);
    await writeAtomically({ path, text: bytes, mode: 0o600 });
    expect(await readFile(path)).toEqual(bytes);
  });

  it("puts a file in the place of a link, and leaves what the link led to", async () => {
    await writeFile(join(directory, "elsewhere"), "theirs");
    await symlink("elsewhere", path);
    await writeAtomically({ path, text: "new", mode: 0o600 });
    expect([await readFile(path, "utf8"), await readFile(join(directory, "elsewhere"), "utf8")]).toEqual(["new", "theirs"]);
  });

  it("takes no other's place where that is asked for", async () => {
    await writeAtomically({ path, text: "first", mode: 0o600, unlessThere: true });
    await expect(writeAtomically({ path, text: "second", mode: 0o644, unlessThere: true })).rejects.toMatchObject({
      code: "EEXIST",
    });
    expect([await readFile(path, "utf8"), await modeOf(path), await readdir(directory)]).toEqual([
      "first",
      "600",
      ["ipsec.secrets"],
    ]);
  });

  it("hands the check the whole new file, private still to nobody else, under another name", async () => {
    await writeFile(path, "old");
    let seen = "";
    const check = async (temporary: string) => {
      seen = `${await readFile(temporary, "utf8")} ${await modeOf(temporary)}, ${await readFile(path, "utf8")}`;
    };
    await writeAtomically({ path, text: "new", mode: 0o600, check });
    expect(seen).toBe("new 600, old");
  });
});

describe("a write that fails", () => {
  it("because of its check leaves the old file and no other", async () => {
    await writeFile(path, "old");
    const check = () => Promise.reject(new Error("refused"));
    await expect(writeAtomically({ path, text: "new", mode: 0o600, check })).rejects.toThrow("refused");
    expect([await readFile(path, "utf8"), await readdir(directory)]).toEqual(["old", ["ipsec.secrets"]]);
  });

  it("because something that is no file has the name leaves it there", async () => {
    await mkdir(path);
    await expect(writeAtomically({ path, text: "new", mode: 0o600 })).rejects.toThrow(/EISDIR/);
    expect(await readdir(directory)).toEqual(["ipsec.secrets"]);
  });

  it("because the directory is a file says so", async () => {
    await writeFile(path, "old");
    await expect(writeAtomically({ path: join(path, "below"), text: "new", mode: 0o600 })).rejects.toThrow(/ENOTDIR|EEXIST/);
  });

  /** Mounts a small file system over the directory, in a mount namespace of its own, and writes there. */
  const inMount = async (options: string, file = path): Promise<string> => {
    const script = `
      import { readFileSync, readdirSync } from "node:fs";
      import { writeAtomically } from ${JSON.stringify(LIBRARY)};
      const text = "n".repeat(500_000);
      await writeAtomically({ path: ${JSON.stringify(file)}, text, mode: 0o600 }).catch((thrown) => console.log(thrown.code));
      console.log(readFileSync(${JSON.stringify(path)}, "utf8"), readdirSync(${JSON.stringify(directory)}).join());`;
    const shell = `
      mount --make-rprivate /
      mount -t tmpfs -o size=64k tmpfs "$1"
      printf old >"$1/ipsec.secrets"
      mount -o remount,${options} "$1"
      exec "$2" --input-type=module -e "$3"`;
    const namespaces = process.getuid?.() === 0 ? ["-m"] : ["-rm"];
    const { stdout } = await execa("unshare", [...namespaces, "sh", "-ec", shell, "sh", directory, process.execPath, script]);
    return stdout;
  };

  it("because the disk is full leaves the old file and no other", async () => {
    expect(await inMount("rw")).toBe("ENOSPC\nold ipsec.secrets");
  });

  it("because the file system is read-only leaves the old file and no other", async () => {
    expect(await inMount("ro")).toBe("EROFS\nold ipsec.secrets");
  });

  it("because the file system is read-only says so where the directory is missing, too", async () => {
    expect(await inMount("ro", join(directory, "strongswan.d/file"))).toBe("EROFS\nold ipsec.secrets");
  });
});

describe("a temporary file left by a writer that was killed", () => {
  it("is removed with the next write", async () => {
    await writeFile(join(directory, `.ipsec.secrets.${await deadPid()}`), "a PSK");
    await writeFile(join(directory, `.ipsec.secrets.${process.pid}`), "a PSK");
    await writeAtomically({ path, text: "new", mode: 0o600 });
    expect(await readdir(directory)).toEqual(["ipsec.secrets"]);
  });

  it("stays while its process lives, and what only looks similar stays always", async () => {
    const others = [
      `.ipsec.secrets.${process.ppid}`,
      ".ipsec.secrets.swp",
      ".ipsec.conf.1",
      `.ipsec.secrets.${await deadPid()}x`,
    ];
    for (const name of others) await writeFile(join(directory, name), "");
    await writeAtomically({ path, text: "new", mode: 0o600 });
    expect(await readdir(directory)).toEqual([...others, "ipsec.secrets"].sort());
  });
});

describe("a writer killed at any moment", () => {
  it("leaves a whole file, and its successor leaves nothing but that", { timeout: 30_000 }, async () => {
    const lengths = new Set<number>();
    for (let turn = 0; turn < 12; turn += 1) {
      const child = spawn(process.execPath, [WRITER, path], { stdio: ["ignore", "pipe", "inherit"] });
      await once(child.stdout, "data");
      await delay(Math.random() * 20);
      child.kill("SIGKILL");
      await once(child, "exit");
      const text = await readFile(path, "utf8");
      lengths.add(text.length);
      expect(new Set(text.trimEnd()).size).toBe(1);
      expect(await modeOf(path)).toBe("600");
      for (const name of await readdir(directory)) expect(await modeOf(join(directory, name))).toBe("600");
    }
    expect([...lengths]).toEqual([300_001]);
    await chmod(path, 0o600);
    await writeAtomically({ path, text: "new", mode: 0o600 });
    expect(await readdir(directory)).toEqual(["ipsec.secrets"]);
  });
});
