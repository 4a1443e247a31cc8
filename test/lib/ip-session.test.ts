import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { IpSession } from "../../agent/lib/ip-session.ts";
import { failureOf, putOnPath, temporaryDirectory, writeProgram } from "./support.ts";

const LIBRARY = fileURLToPath(new URL("../../agent/lib/ip-session.ts", import.meta.url));

/** Runs statements in a network namespace of their own, where `session` is one and `show` prints what a request came to. */
const inNamespace = async (statements: string): Promise<string[]> => {
  const script = `
    import { IpSession } from ${JSON.stringify(LIBRARY)};
    const session = new IpSession();
    const show = (lines) => session.run(lines).then(
      (answers) => console.log(JSON.stringify(answers)),
      (error) => console.log(error.code, error.message.replaceAll("\\n", " | ")));
    ${statements}
    session.stop();`;
  const namespaces = process.getuid?.() === 0 ? ["-n"] : ["-rn"];
  const { stdout } = await execa("unshare", [...namespaces, process.execPath, "--input-type=module", "-e", script]);
  return stdout.split("\n");
};

describe("the real ip", () => {
  it("works with a link that somebody deleted and that was made anew, at the second try at the latest", async () => {
    const [outcome] = await inNamespace(`
      const { execFileSync } = await import("node:child_process");
      const ip = (...words) => execFileSync("ip", words);
      await session.run(["link add a0 type veth peer name b0"]);
      const useIt = ["link set a0 up", "route replace 198.51.100.0/24 dev a0", "route show table all"];
      await session.run(useIt);
      ip("link", "delete", "a0");
      await session.run(["link add a0 type veth peer name b0"]);
      await session.run(useIt);
      ip("link", "delete", "a0");
      ip("link", "add", "a0", "type", "veth", "peer", "name", "b0");
      await session.run(useIt).catch(() => undefined);
      await session.run(useIt);
      console.log("done");`);
    expect(outcome).toBe("done");
  });

  it("answers in order, one answer for each command that prints one, empty ones included", async () => {
    const [answers = ""] = await inNamespace(`
      await session.run(["link set lo up", "link add a0 type veth peer name b0", "address add 192.0.2.1/24 dev a0"]);
      await session.run(["link set a0 up", "route add 198.51.100.0/24 dev a0 protocol 83", "rule add fwmark 5 lookup 7 protocol 83"]);
      await show(["link show type vti", "route show table all protocol 84", "route show table all protocol 83", "rule show"]);`);
    const [links, none, routes, rules] = JSON.parse(answers);
    expect(links).toEqual([{}, {}, {}]);
    expect(none).toEqual([]);
    expect(routes).toMatchObject([{ dst: "198.51.100.0/24", dev: "a0" }]);
    expect(rules).toContainEqual(expect.objectContaining({ fwmark: "0x5", table: "7", protocol: "83" }));
  });

  it("tells a failure from what succeeded beside it, and goes on", async () => {
    const [failed, next] = await inNamespace(`
      await show(["link delete nonesuch", "link add a0 type veth peer name b0"]);
      const answers = await session.run(["link show dev a0"]);
      console.log(answers[0][0].ifname);`);
    expect(failed).toMatch(/^COMMAND_FAILED ip refused a command: Cannot find device "nonesuch"/);
    expect(next).toBe("a0");
  });

  it("keeps many requests that were made at once apart", async () => {
    const lines = await inNamespace(`
      await Promise.all(Array.from({ length: 200 }, (_, i) =>
        i % 3 === 0 ? show(["link delete none" + i]) : session.run(["route show table " + (1000 + i)]).then((answers) => console.log(i, JSON.stringify(answers)))));`);
    expect(lines).toHaveLength(200);
    lines.forEach((line, index) => {
      if (index % 3 === 0) expect(line).toContain(`"none${index}"`);
      else expect(line).toMatch(new RegExp(`^${index} \\[`));
    });
  });

  it("lets the process end once it is stopped, with requests waiting", async () => {
    const lines = await inNamespace(`
      const waiting = [show(["link show"]), show(["link show"]), show(["link show"])];
      session.stop();
      await Promise.all(waiting);
      await show(["link show"]);`);
    expect(lines).toEqual(Array(4).fill("COMMAND_FAILED ip refused a command: the agent stops"));
  });
});

/** Reads requests as `ip -batch -` does; `answer` is the shell's part for one command, in $line. */
const fakeIp = (answer: string): string => `#!/bin/sh
echo "$@" >>"$0.argv"
env >>"$0.env"
while read -r line; do
  case "$line" in
    "link show dev lo") echo '[{"ifname":"lo"}]' ;;
    *) ${answer} ;;
  esac
done
`;

describe("an ip that misbehaves", () => {
  let directory: string;
  let ip: string;

  const sessionWith = async (answer: string, timeoutMs?: number): Promise<IpSession> => {
    ip = await writeProgram(directory, "ip", fakeIp(answer));
    const session = new IpSession(timeoutMs);
    onTestFinished(() => session.stop());
    return session;
  };

  const starts = async (): Promise<number> => (await readFile(`${ip}.argv`, "utf8")).trim().split("\n").length;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    putOnPath(directory);
  });

  it("is started once for many requests, without the agent's environment", async () => {
    process.env.HEROKU_API_KEY = "HRKU-of-the-test";
    onTestFinished(() => {
      delete process.env.HEROKU_API_KEY;
    });
    const session = await sessionWith("echo '[1]'");
    expect([await session.run(["a"]), await session.run(["b", "c"])]).toEqual([[[1]], [[1], [1]]]);
    expect(await readFile(`${ip}.argv`, "utf8")).toBe("-json -details -force -batch -\n");
    const env = await readFile(`${ip}.env`, "utf8");
    expect(env).toContain("LC_ALL=C");
    expect(env).not.toContain("HRKU");
  });

  it("is not started for nothing", async () => {
    const session = await sessionWith("echo '[1]'");
    expect(await session.run([])).toEqual([]);
    await expect(readFile(`${ip}.argv`)).rejects.toThrow(/ENOENT/);
  });

  it("dies in the middle of a request: that one fails, the next has a new child", async () => {
    await writeFile(join(directory, "deadly"), "");
    const session = await sessionWith(`if [ -e ${directory}/deadly ]; then rm ${directory}/deadly; exit 3; fi; echo '[1]'`);
    const [first, second] = await Promise.allSettled([session.run(["a"]), session.run(["b"])]);
    expect(first).toMatchObject({ status: "rejected", reason: { code: "COMMAND_FAILED" } });
    expect(second).toEqual({ status: "fulfilled", value: [[1]] });
    expect(await starts()).toBe(2);
  });

  it("dies between two requests: the next has a new child", async () => {
    const session = await sessionWith("echo $$");
    const [pid] = await session.run(["a"]);
    process.kill(Number(pid), "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await session.run(["b"])).not.toEqual([pid]);
  });

  it("says nothing: the request fails in time, the next has a new child", async () => {
    await writeFile(join(directory, "silent"), "");
    const session = await sessionWith(`[ -e ${directory}/silent ] && rm ${directory}/silent && exec sleep 60; echo '[1]'`, 200);
    expect((await failureOf(() => session.run(["a"]))).message).toContain("no answer in time");
    expect(await session.run(["b"])).toEqual([[1]]);
  });

  it("complains before it answers: the request fails with its words", async () => {
    const session = await sessionWith("echo 'RTNETLINK answers: File exists' >&2; echo '[1]'");
    const error = await failureOf(() => session.run(["link add x", "link set x up"]));
    expect(error.details).toEqual({
      command: "ip link add x; ip link set x up",
      output: expect.stringContaining("RTNETLINK answers: File exists"),
    });
    expect(error.fix).toContain("CAP_NET_ADMIN");
  });

  it("complains about one request: the next one does not suffer for it", async () => {
    const session = await sessionWith('if [ "$line" = bad ]; then echo no >&2; else echo "[1]"; fi');
    for (let turn = 0; turn < 20; turn += 1) {
      const results = await Promise.allSettled([session.run(["bad"]), session.run(["good"])]);
      expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    }
  });

  it("talks nonsense: the request fails, because nobody could tell which answer is missing", async () => {
    const session = await sessionWith("echo 'Usage: ip link'; echo '[1]'");
    expect((await failureOf(() => session.run(["a"]))).message).toContain("not JSON: Usage: ip link");
  });

  it("is not there: the request fails and says what is needed", async () => {
    const session = new IpSession();
    onTestFinished(() => session.stop());
    process.env.PATH = directory;
    const error = await failureOf(() => session.run(["link show"]));
    expect(error.message).toContain("ENOENT");
    expect(error.fix).toContain("iproute2");
  });

  it("gets no line break into a command", async () => {
    const session = await sessionWith("echo '[1]'");
    const error = await failureOf(() => session.run(["link show\nlink delete eth0"]));
    expect(error.message).toContain("a line break in a command");
    await expect(readFile(`${ip}.argv`)).rejects.toThrow(/ENOENT/);
  });
});
