import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { runOrFail, systemCommands } from "../../agent/apply/command.ts";
import { failureOf, putOnPath, temporaryDirectory, writeProgram } from "./support.ts";

let directory: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

const program = (script: string): Promise<string> => writeProgram(directory, "ipsec", `#!/bin/sh\n${script}\n`);

describe("systemCommands", () => {
  it("gives the exit code and both outputs", async () => {
    const path = await program("echo out; echo err >&2; exit 3");
    expect(await systemCommands.run(path, [], 5000)).toEqual({ exitCode: 3, output: "out\nerr" });
  });

  it("gives the program its arguments as they are, past every shell", async () => {
    const path = await program(`printf '<%s>' "$@"`);
    const { output } = await systemCommands.run(path, ["a b", "$(id)", "'; rm x", "*"], 5000);
    expect(output).toBe("<a b><$(id)><'; rm x><*>");
  });

  it("gives the program nothing but PATH and LC_ALL=C", async () => {
    process.env.HEROKU_API_KEY = "HRKU-of-the-test";
    onTestFinished(() => {
      delete process.env.HEROKU_API_KEY;
    });
    const { output } = await systemCommands.run("/usr/bin/env", [], 5000);
    expect(output.split("\n").sort()).toEqual(["LC_ALL=C", `PATH=${process.env.PATH}`]);
  });

  it("finds programs on PATH, and gives them nothing to read", async () => {
    await program("cat; echo done");
    putOnPath(directory);
    expect(await systemCommands.run("ipsec", [], 5000)).toEqual({ exitCode: 0, output: "done" });
  });

  it("takes the status of a thousand tunnels", async () => {
    const path = await program("head -c 3000000 /dev/zero | tr '\\0' x");
    expect((await systemCommands.run(path, [], 5000)).output).toHaveLength(3_000_000);
  });
});

describe("a program that cannot be judged by its exit code", () => {
  it("is missing", async () => {
    const error = await failureOf(() => systemCommands.run("nonesuch-ipsec", ["update"], 5000));
    expect(error.code).toBe("COMMAND_MISSING");
    expect(error.message).toBe("nonesuch-ipsec could not be started (ENOENT).");
    expect(error.fix).toContain("apt-get install strongswan-starter");
    expect(error.details).toEqual({ argv: ["nonesuch-ipsec", "update"] });
  });

  it.each([
    ["ip", "iproute2"],
    ["ss", "iproute2"],
    ["ping", "iputils-ping"],
    ["ipsec", "strongswan-starter"],
  ])("%s is in %s", async (file, packageName) => {
    const error = await failureOf(() => systemCommands.run(`/nonexistent/${file}`, [], 5000));
    expect(error.fix).toContain(`apt-get install ${packageName}`);
  });

  it("may not be run", async () => {
    const error = await failureOf(() => systemCommands.run("/etc/passwd", [], 5000));
    expect([error.code, error.message]).toEqual(["COMMAND_MISSING", "/etc/passwd could not be started (EACCES)."]);
  });

  it("takes too long: it is ended with everything that it started", async () => {
    const path = await program("echo working; sleep 30 & wait");
    const started = performance.now();
    const error = await failureOf(() => systemCommands.run(path, ["stop"], 300));
    expect(performance.now() - started).toBeLessThan(3000);
    expect(error.code).toBe("COMMAND_TIMEOUT");
    expect(error.message).toBe(`${path} stop did not end within 300 ms.`);
    expect(error.details).toEqual({ argv: [path, "stop"], output: "working" });
  });

  it("crashes", async () => {
    const path = await program("echo last words; kill -SEGV $$");
    const error = await failureOf(() => systemCommands.run(path, [], 5000));
    expect([error.code, error.message]).toEqual(["COMMAND_FAILED", `${path} was ended by SIGSEGV.`]);
    expect(error.details.output).toBe("last words");
  });
});

describe("runOrFail", () => {
  it("gives the output of a program that succeeded", async () => {
    expect(await runOrFail(systemCommands, await program("echo fine"), [], 5000)).toBe("fine");
  });

  it("fails with argv, exit code and output", async () => {
    const path = await program("echo 'unable to start'; exit 2");
    const error = await failureOf(() => runOrFail(systemCommands, path, ["start", "--x"], 5000));
    expect(error.code).toBe("COMMAND_FAILED");
    expect(error.message).toBe(`${path} start --x exited with 2: unable to start`);
    expect(error.details).toEqual({ argv: [path, "start", "--x"], exitCode: 2, output: "unable to start" });
  });

  it("knows what ipsec means by 7", async () => {
    const error = await failureOf(async () => runOrFail(systemCommands, await program("exit 7"), ["update"], 5000));
    expect(error.fix).toBe("strongSwan is not running: systemctl start strongswan-starter");
  });

  it("quotes the end of a long output", async () => {
    const error = await failureOf(async () => runOrFail(systemCommands, await program("seq 1 10000; exit 1"), [], 5000));
    expect(error.message.length).toBeLessThan(700);
    expect(error.message).toMatch(/\n10000$/);
  });
});
