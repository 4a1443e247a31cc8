import { describe, expect, test } from "vitest";
import { parseJson } from "../../agent/lib/json.ts";
import { findJson } from "../../agent/source/noise.ts";
import { everythingOf, failureOf, PSKS, wire } from "../source/support.ts";

const failure = (text: string) => failureOf(() => parseJson(text, "the answer", "Look."));

describe("text that should be JSON", () => {
  test("is read, also behind a byte order mark", () => {
    expect(parseJson('\uFEFF{"a":1}', "the answer", "Look.")).toEqual({ a: 1 });
  });

  test.each([
    ["", "the answer is empty"],
    ["  \n", "the answer is empty"],
    ["<!DOCTYPE html><html>", "the answer is HTML, not JSON"],
    ["hello", "the answer is not JSON"],
  ])("%j is refused for what it is", async (text, message) => {
    expect(await failure(text)).toMatchObject({ code: "SOURCE_MALFORMED", message, fix: "Look." });
  });

  test("tells the place of a fault", async () => {
    expect((await failure('{"a":1,\n "b" 2}')).message).toBe("the answer is not JSON (line 2, column 6)");
  });

  test("is not quoted, wherever the fault is", async () => {
    const text = JSON.stringify(wire());
    for (let cut = 0; cut < text.length; cut += 1) {
      const shown = everythingOf(await failure(`${text.slice(0, cut)}\u0001`));
      expect(shown).not.toContain(PSKS[0].slice(0, 6));
    }
  });
});

describe("JSON among a program's other words", () => {
  const json = JSON.stringify(wire(), undefined, 2);

  test.each([
    ["alone", json],
    ["on one line", JSON.stringify(wire())],
    ["after warnings and an update notice", ` ›   Warning: heroku update available from 11.9 to 11.10.\n[warn] {odd}\n${json}`],
    ["before other words", `${json}\nDone {really}.\n`],
    ["after a job number", `[1]\n${json}`],
    ["in colours", `\u001b[33mWarning\u001b[39m\n${json.replaceAll('"name"', '\u001b[34m"name"\u001b[39m')}`],
    ["with Windows line ends", `Hello\r\n${json.replaceAll("\n", "\r\n")}\r\n`],
  ])("is found %s", (_case, output) => {
    expect(findJson(output, "acme-space/office")).toEqual(wire());
  });

  test.each([
    ["", "is empty"],
    ["No connection today.", "is not JSON"],
    ["[1]\n[2]", "is not JSON"],
    [json.slice(0, -1), "is not JSON"],
  ])("%# is missed with an error that quotes nothing", async (output, problem) => {
    const error = await failureOf(() => findJson(output, "acme-space/office"));
    expect(error.code).toBe("SOURCE_MALFORMED");
    expect(error.message).toContain(problem);
    expect(everythingOf(error)).not.toContain(PSKS[0]);
  });

  test("a mebibyte of brackets is given up at once", async () => {
    const begun = performance.now();
    await failureOf(() => findJson("{\n}\n[\n]\n".repeat(100_000), "acme-space/office"));
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});
