import { describe, expect, it } from "vitest";
import { failed, ok } from "../../agent/check/result.ts";
import { runChecks } from "../../agent/check/run.ts";
import { defineCheck } from "../../agent/check/spec.ts";
import { factsWith, lineOf } from "./support.ts";

const cause = defineCheck({
  code: "cable-cut",
  title: "The cable is whole",
  group: "Way to Heroku",
  needs: [],
  judge: () => [failed("It is cut.", "Join it.", { connection: "a/b", tunnel: 1 })],
});

const effect = defineCheck({
  code: "no-packets",
  title: "Packets pass",
  group: "Tunnels",
  explainedBy: ["cable-cut"],
  needs: [],
  judge: () => [1, 2].map((tunnel) => failed("None pass.", "Look.", { connection: "a/b", tunnel: tunnel as 1 | 2 })),
});

const wantsClock = defineCheck({
  code: "clock-wrong",
  title: "Clock is right",
  group: "Heroku",
  needs: ["settings", "clock"],
  judge: ({ clock }) => [ok(clock.against)],
});

const run = (...specs: Parameters<typeof runChecks>[0]) => runChecks(specs, factsWith()).results.map(lineOf);

describe("runChecks", () => {
  it("skips a check when anything that it needs is not known, and says why", () => {
    const { ok: fine, results } = runChecks([wantsClock], factsWith({ clock: undefined }));
    expect(results.map(lineOf)).toEqual(["skipped clock-wrong: clock is not known here."]);
    expect(fine).toBe(true);
  });

  it("never lets a check pass that had nothing to look at", () => {
    const idle = defineCheck({ code: "idle", title: "x", group: "Host", needs: [], judge: () => [] });
    expect(run(idle)).toEqual(["skipped idle: There is nothing to look at."]);
  });

  it("tells what follows from a failure as skipped, for the same tunnel alone", () => {
    expect(run(cause, effect)).toEqual([
      "failed cable-cut 1: It is cut.",
      "skipped no-packets 1: It follows from cable-cut.",
      "failed no-packets 2: None pass.",
    ]);
  });

  it("tells a trouble once, when two checks find it by the same code or in the same words", () => {
    const again = defineCheck({
      code: "agent-warns",
      title: "y",
      group: "Tunnels",
      needs: [],
      judge: () => [
        { ...failed("Another sentence.", "Join it.", { connection: "a/b", tunnel: 1 }), as: { code: "cable-cut" } },
        failed("It is cut.", "Join it.", { connection: "a/b" }),
      ],
    });
    expect(run(cause, again)).toEqual(["failed cable-cut 1: It is cut."]);
  });

  it("keeps several troubles that one check finds", () => {
    const two = defineCheck({
      code: "open",
      title: "z",
      group: "Host",
      needs: [],
      judge: () => [failed("a is open", "close a"), failed("b is open", "close b")],
    });
    expect(run(two)).toHaveLength(2);
  });

  it("is not ok as soon as one check fails", () => {
    expect(runChecks([cause], factsWith()).ok).toBe(false);
  });
});
