import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, writeFile as write } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";
import { systemCommands } from "../../agent/apply/command.ts";
import { keepOriginal, writeFile } from "../../agent/apply/files.ts";
import { Secret } from "../../agent/lib/secret.ts";
import { desiredFile, failureOf, insteadOf, PSK, recordingCommands, temporaryDirectory, writeProgram } from "./support.ts";

const STARTER = "/usr/lib/ipsec/starter";
const FILES = fileURLToPath(new URL("../../agent/apply/files.ts", import.meta.url));
const SECRET = fileURLToPath(new URL("../../agent/lib/secret.ts", import.meta.url));

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  path = join(directory, "ipsec.conf");
  await write(path, "conn old\n");
});

/** A starter whose --conftest says and does this. */
const starter = async (script: string) => insteadOf(STARTER, await writeProgram(directory, "starter", `#!/bin/sh\n${script}\n`));

describe("writing ipsec.conf", () => {
  it("has strongSwan's own parser look at it first, under another name in the same directory", async () => {
    const commands = await starter(`echo "$@" >"$0.argv"; cat "$3" >"$0.seen"; echo "config OK"`);
    await writeFile("/", commands, desiredFile(path));
    expect(await readFile(path, "utf8")).toBe("conn new\n");
    expect(await readFile(join(directory, "starter.seen"), "utf8")).toBe("conn new\n");
    expect(await readFile(join(directory, "starter.argv"), "utf8")).toMatch(
      new RegExp(`^--conftest --conf ${directory}/\\.ipsec\\.conf\\.\\d+\\n$`),
    );
  });

  it.each([
    ["a syntax error", "echo \"ipsec.conf:2: missing value for setting 'foo'\"; echo 'config invalid!'; exit 2"],
    ["an ignored conn", "echo \"# ignored conn 'new' due to 1 parsing error\"; echo 'config OK'"],
    ["an unknown keyword", "echo \"# unknown keyword 'rightx'\"; echo '### 1 parsing error (0 fatal) ###'; echo 'config OK'"],
    ["many errors", "echo '### 12 parsing errors (1 fatal) ###' >&2; echo 'config OK'"],
  ])("refuses %s, whatever the exit code, and leaves the old file", async (_what, script) => {
    const error = await failureOf(async () => writeFile("/", await starter(script), desiredFile(path)));
    expect(error.code).toBe("CONFIG_REJECTED");
    expect(error.message).toMatch(/^strongSwan refuses the rendered ipsec\.conf: .*(conn|keyword|setting|parsing)/s);
    expect(error.fix).toContain("/etc/spacegate/templates/ipsec.conf.hbs");
    expect([await readFile(path, "utf8"), (await readdir(directory)).sort()]).toEqual(["conn old\n", ["ipsec.conf", "starter"]]);
  });

  it("without strongSwan on the host leaves the old file and says what to install", async () => {
    const error = await failureOf(() => writeFile("/", insteadOf(STARTER, join(directory, "none")), desiredFile(path)));
    expect([error.code, error.fix]).toEqual(["COMMAND_MISSING", expect.stringContaining("strongswan-starter")]);
    expect(await readFile(path, "utf8")).toBe("conn old\n");
  });

  it("below a root asks nobody: strongSwan need not be there", async () => {
    const { commands, lines } = recordingCommands();
    await writeFile(directory, commands, desiredFile("/etc/ipsec.conf"));
    expect([await readFile(join(directory, "etc/ipsec.conf"), "utf8"), lines]).toEqual(["conn new\n", []]);
  });

  it.runIf(existsSync(STARTER))("is judged by the real starter as these tests assume", async () => {
    const text = (keyexchange: string): string => `conn new\n  left=192.0.2.1\n  right=192.0.2.2\n  keyexchange=${keyexchange}\n`;
    const put = (content: string) => writeFile("/", systemCommands, desiredFile(path, { content: new Secret(content) }));
    for (const wrong of [text("nonsense"), "conn new\n  left\n", "conn new\n  also=none\n", "conn new\n  rightx=1\n"])
      expect((await failureOf(() => put(wrong))).code).toBe("CONFIG_REJECTED");
    await put(text("ikev1"));
    expect(await readFile(path, "utf8")).toBe(text("ikev1"));
  });
});

describe("writing any other file", () => {
  it.each(["ipsec.secrets", "strongswan.conf", "include"] as const)("%s: with its mode, unseen by the parser", async (role) => {
    const { commands, lines } = recordingCommands();
    await writeFile("/", commands, desiredFile(path, { role, mode: 0o600 }));
    expect([(await stat(path)).mode & 0o7777, lines]).toEqual([0o600, []]);
  });
});

describe("a file that cannot be written", () => {
  /** Writes ipsec.secrets on a file system of its own, mounted in a mount namespace that nobody else sees. */
  const failureOn = async (prepare: string, asUser = ""): Promise<{ said: string; after: string }> => {
    const script = `
      import { writeFile } from ${JSON.stringify(FILES)};
      import { Secret } from ${JSON.stringify(SECRET)};
      const content = new Secret("${PSK}".repeat(20000));
      const file = { path: "/m/ipsec.secrets", mode: 0o600, content, shown: "", role: "ipsec.secrets" };
      await writeFile(${JSON.stringify(directory)}, undefined, file).catch((error) => console.log([error.code, error.message, error.fix].join("; ")));`;
    const shell = `
      mount --make-rprivate /
      mount -t tmpfs -o size=64k tmpfs "$1/m"
      printf old >"$1/m/ipsec.secrets"
      ${prepare}
      ${asUser} "$2" --input-type=module -e "$3"
      echo "after: $(cat "$1/m/ipsec.secrets") $(ls -A "$1/m")"`;
    await mkdir(join(directory, "m"));
    const namespaces = process.getuid?.() === 0 ? ["-m"] : ["-rm"];
    const { stdout } = await execa("unshare", [...namespaces, "sh", "-ec", shell, "sh", directory, process.execPath, script]);
    const [said = "", after = ""] = stdout.split("\nafter: ");
    return { said, after };
  };

  it("because the disk is full: says so, and the old file stays", async () => {
    const { said, after } = await failureOn("");
    expect(said).toMatch(/^HOST_WRITE_FAILED; \/m\/ipsec\.secrets could not be written: ENOSPC.*; The disk is full/);
    expect(said).not.toContain(PSK);
    expect(after).toBe("old ipsec.secrets");
  });

  it("because the file system is read-only: says how that is changed", async () => {
    const { said, after } = await failureOn('mount -o remount,ro "$1/m"');
    expect(said).toMatch(/^HOST_WRITE_FAILED; .*EROFS.*; The file system is mounted read-only: remount it, or .*ReadWritePaths=/);
    expect(after).toBe("old ipsec.secrets");
  });

  it("because the agent is not root: says that it must be", async () => {
    // Without the capabilities that let root write anywhere, root is a user like others.
    const { said, after } = await failureOn('chmod 555 "$1/m"', "setpriv --bounding-set=-all --inh-caps=-all");
    expect(said).toMatch(/^HOST_WRITE_FAILED; .*EACCES.*; The agent must run as root to write there\.$/);
    expect(after).toBe("old ipsec.secrets");
  });
});

describe("keeping the file that was there before", () => {
  const kept = (): string => `${path}.before-spacegate`;
  const keep = () => keepOriginal(directory, "/ipsec.conf", "/ipsec.conf.before-spacegate");

  it("copies bytes and mode", async () => {
    await write(path, Buffer.from([0x23, 0xe9, 0x0a]));
    await chmod(path, 0o640);
    await keep();
    expect([await readFile(kept()), (await stat(kept())).mode & 0o7777]).toEqual([Buffer.from([0x23, 0xe9, 0x0a]), 0o640]);
  });

  it("is done once: the first copy is the owner's, later ones would be the agent's own", async () => {
    await keep();
    await write(path, "conn new\n");
    await keep();
    expect(await readFile(kept(), "utf8")).toBe("conn old\n");
  });

  it("has nothing to do where there was none", async () => {
    await keepOriginal(directory, "/none", "/none.before-spacegate");
    expect(await readdir(directory)).toEqual(["ipsec.conf"]);
  });

  it("leaves no half copy behind: what cannot be copied is told, and tried again", async () => {
    await mkdir(join(directory, "d"));
    const error = await failureOf(() => keepOriginal(directory, "/d", "/d.before-spacegate"));
    expect(error.code).toBe("HOST_WRITE_FAILED");
    expect((await readdir(directory)).sort()).toEqual(["d", "ipsec.conf"]);
  });
});
