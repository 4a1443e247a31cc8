import { describe, expect, it } from "vitest";
import { paint, plain, screenOf, wrap } from "../../agent/cli/screen.ts";

const terminal = { isTTY: true, columns: 120 };
const screen = (width: number) => ({ width, colour: false });

describe("a screen", () => {
  it("has the terminal's width and colours", () => {
    expect(screenOf(terminal, {})).toEqual({ width: 120, colour: true });
  });

  it.each([
    ["a pipe", {}, {}, {}],
    ["NO_COLOR", terminal, { NO_COLOR: "1" }, {}],
    ["--no-color", terminal, {}, { color: false }],
    ["a dumb terminal", terminal, { TERM: "dumb" }, {}],
  ])("has no colours with %s", (_what, stream, env, options) => {
    expect(screenOf(stream, env, options).colour).toBe(false);
  });

  it("keeps colours with an empty NO_COLOR, as no-color.org says", () => {
    expect(screenOf(terminal, { NO_COLOR: "" }).colour).toBe(true);
  });

  it("has 80 columns where there is no terminal", () => {
    expect(screenOf({}, {}).width).toBe(80);
  });

  it("is not believed to have no columns at all", () => {
    expect(screenOf({ isTTY: true, columns: 0 }, {}).width).toBe(80);
  });

  it("paints only with colours", () => {
    expect(paint({ width: 80, colour: false }, "red", "x")).toBe("x");
    expect(paint({ width: 80, colour: true }, "red", "x")).toBe("\x1b[31mx\x1b[39m");
  });
});

describe("wrapping", () => {
  it("leaves what fits", () => {
    expect(wrap(screen(12), "  ", "one   two")).toBe("  one   two");
  });

  it("indents what follows", () => {
    expect(wrap(screen(14), "! ", "one two three four")).toBe("! one two\n  three four");
  });

  it("breaks a word that no line holds", () => {
    expect(
      wrap(screen(14), "", "see /a/very/long/path/of/a/file")
        .split("\n")
        .map((line) => line.length),
    ).toEqual([3, 14, 13]);
  });

  it("does not count colours", () => {
    const red = paint({ width: 80, colour: true }, "red", "12345");
    expect(wrap(screen(11), "", `${red} ${red}`)).toBe(`${red} ${red}`);
  });

  it.each([20, 40])("never exceeds %d columns", (width) => {
    const text = wrap(screen(width), "      Fix: ", "Open UDP 500 and 4500 in both directions to 34.203.187.158.");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  });
});

it("words from outside cannot command the terminal", () => {
  expect(plain("DOWN\x1b[2J\x07\r\n\u202egnp.exe\u2028end")).toBe("DOWN [2J gnp.exe end");
});
