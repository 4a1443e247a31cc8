import { describe, expect, it } from "vitest";
import { allCommands } from "../../agent/cli/command-tree.ts";
import type { PrivatelinkOptions } from "../../agent/cli/privatelink-options.ts";
import { type Actions, buildProgram } from "../../agent/cli/program.ts";
import { programTree } from "./program.ts";

/** What the command would be done with. */
const parsed = async (...args: string[]): Promise<PrivatelinkOptions> => {
  const seen: PrivatelinkOptions[] = [];
  const actions = { privatelink: async (options: PrivatelinkOptions) => seen.push(options) };
  await buildProgram("0.1.0", actions as unknown as Actions, () => {}).parseAsync(["privatelink", ...args], { from: "user" });
  const [only] = seen;
  if (!only) throw new Error("nothing was done");
  return only;
};

describe("spacegate privatelink", () => {
  it("create takes the words of the client's plugin", async () => {
    const words = "create redis-kvs-12345 --aws-account-id 123456789012:user/abc --aws-account-id 210987654321 --app acme-app";
    expect(await parsed(...words.split(" "))).toEqual({
      verb: "create",
      addon: "redis-kvs-12345",
      app: "acme-app",
      accounts: ["123456789012:user/abc", "210987654321"],
      root: "/",
      timeout: 1_200_000,
      poll: 10_000,
    });
  });

  it("create takes shorter words too", async () => {
    expect(await parsed(..."create --app a --addon d --account 1 -i 2 --wait --timeout 5m --json".split(" "))).toMatchObject({
      addon: "d",
      accounts: ["2", "1"],
      wait: true,
      timeout: 300_000,
      json: true,
    });
  });

  it("the argument counts before --addon", async () => {
    expect(await parsed("info", "one", "--addon", "two", "-a", "app")).toMatchObject({ addon: "one" });
  });

  it.each([
    ["access list", ["access", "list", "d"]],
    ["access add", ["access", "add", "d", "-i", "1"]],
    ["access remove", ["access", "remove", "d", "-i", "1"]],
    ["wait", ["wait", "d"]],
    ["destroy", ["destroy", "d", "--confirm", "d"]],
  ] as const)("%s is a verb of its own", async (verb, args) => {
    expect(await parsed(...args, "--app", "a")).toMatchObject({ verb, addon: "d", app: "a" });
  });

  it("only info prints connection strings, and says what they hold", () => {
    const withUrl = allCommands(programTree()).filter(({ options }) => options.some(({ long }) => long === "--show-url"));
    expect(withUrl.map(({ path }) => path.join(" "))).toContain("privatelink info");
    const option = withUrl.find(({ path }) => path.at(-1) === "info")?.options.find(({ long }) => long === "--show-url");
    expect(option?.description).toContain("PASSWORD");
  });

  it("every one of Heroku's side has --json and its exit codes", () => {
    const own = allCommands(programTree()).filter(
      ({ path, options }) => path[0] === "privatelink" && options.some(({ long }) => long === "--app"),
    );
    expect(own.length).toBeGreaterThanOrEqual(7);
    for (const { options, notes } of own) {
      expect(options.map(({ long }) => long)).toContain("--json");
      expect(notes).toMatch(/Exit codes: 0 /);
    }
  });
});
