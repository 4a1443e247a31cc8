import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("the lab's options", () => {
  it("stand for the main job when there are none", () => {
    const { engine, source, scenarios, json, keep } = parseOptions([]);
    expect({ engine, source, json, keep }).toEqual({ engine: undefined, source: "platform-api", json: false, keep: false });
    expect(scenarios).toMatchObject([{ name: "up" }]);
  });

  it("take several scenarios, in the given order", () => {
    expect(parseOptions(["--scenario", "by-hand,up"]).scenarios).toMatchObject([{ name: "by-hand" }, { name: "up" }]);
  });

  it.each([
    [["--engine", "qemu"], "--engine qemu: it must be one of native, uml, libipsec"],
    [["--source", "ftp"], "--source ftp: it must be one of platform-api, heroku-cli, file"],
    [["--scenario", "sideways"], /^--scenario sideways: it must be one of up, by-hand/],
    [["--fast"], /--fast/],
  ])("refuse %j", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
