import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";

const CHILD = fileURLToPath(new URL("log-child.ts", import.meta.url));

const logged = async (form: "readable" | "service", psk: string) => {
  const { stdout, stderr } = await execa(process.execPath, [CHILD, form], { env: { TEST_PSK: psk, NO_COLOR: "1" } });
  return { stdout, stderr };
};

const PSKS = ["abcdef12345", 'quote"and\\slash', "{{braces}}$&"];

describe.each(["service", "readable"] as const)("the log in %s form", (form) => {
  it.each(PSKS)("has no trace of the PSK %j, however it got there", async (psk) => {
    const { stdout, stderr } = await logged(form, psk);
    expect(stdout).toBe("");
    expect(stderr).toContain("[redacted]");
    expect(stderr).toContain("the end");
    for (const trace of [psk, Buffer.from(psk).toString("base64"), JSON.stringify(psk).slice(1, -1)])
      expect(stderr).not.toContain(trace);
  });
});

describe("a log line", () => {
  it("is one JSON object in service form, with level, time and message, and the causes of errors", async () => {
    const { stderr } = await logged("service", "abcdef12345");
    const lines = stderr.split("\n").map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: "the PSK is [redacted]",
    });
    expect(lines[2].err.stack).toContain("because of [redacted]");
    expect(lines.map((line) => line.level)).toEqual(["info", "warn", "error", "error", "debug", "info", "info", "info"]);
  });

  it("is a sentence with its level in readable form", async () => {
    const { stderr } = await logged("readable", "abcdef12345");
    expect(stderr).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: the PSK is \[redacted\]$/m);
    expect(stderr).not.toContain("initiate");
  });
});
