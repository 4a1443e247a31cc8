import { describe, expect, it } from "vitest";
import { spacegate } from "./support.ts";

describe("explain", () => {
  it.each([
    ["an error", "SOURCE_UNAUTHORIZED", /heroku authorizations:create/],
    ["a warning", "ip-forward-off", /net\.ipv4\.ip_forward/],
    ["a reason", "no-answer-4500", /UDP 4500/],
    ["a code as a message shows it", "(tunnel-down)", /tunnel is down/],
  ])("tells of %s", async (_what, code, words) => {
    const { exitCode, stdout } = await spacegate(["explain", code]);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(words)]);
  });

  it("lists all codes", async () => {
    const { exitCode, stdout } = await spacegate(["explain"]);
    expect(exitCode).toBe(0);
    for (const code of ["SETTINGS_INVALID", "charon-absent", "wrong-psk"]) expect(stdout).toContain(`  ${code} `);
  });

  it("is 1 for a code that there is not, and says which one was meant", async () => {
    const { exitCode, stderr } = await spacegate(["explain", "tunel-down"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/no code "tunel-down".*Did you mean tunnel-down\?/s)]);
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("is printed for %s", async (shell) => {
    const { exitCode, stdout } = await spacegate(["completion", shell]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("spacegate completion")]);
  });

  it.each([[[]], [["csh"]]])("is wrong usage with %j", async (args) => {
    expect((await spacegate(["completion", ...args])).exitCode).toBe(2);
  });
});

it("the manual page is printed, though help does not show how", async () => {
  expect((await spacegate(["man"])).stdout).toMatch(/^\.\\" .*\n\.TH SPACEGATE 8 /);
  expect((await spacegate(["--help"])).stdout).not.toMatch(/^ +man /m);
});
