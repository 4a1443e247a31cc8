import { describe, expect, it } from "vitest";
import { charonEvents, type Hearer } from "../../agent/loop/charon-events.ts";
import { LogLines } from "../../agent/observe/log-lines.ts";
import { unreachableError } from "../../agent/vici/problem.ts";
import { logLines, ManualClock } from "../lib/support.ts";

const setUp = () => {
  const heard: string[] = [];
  const gateway: Hearer = {
    requestPass: () => heard.push("pass"),
    requestLook: () => heard.push("look"),
    charonLost: (why) => heard.push(`lost: ${why}`),
    childReplaced: (child) => heard.push(`replaced ${child.name}`),
    heard: ({ kind, up }) => heard.push(`${kind} ${up ? "up" : "down"}`),
  };
  const lines = new LogLines();
  const onReturn = (): void => void heard.push("returned");
  const onAlert = (conn: string, type: string): void => void heard.push(`${conn}: ${type}`);
  const deps = { clock: new ManualClock(), log: logLines(), lines, onReturn, onAlert };
  return { heard, lines, listener: charonEvents(gateway, deps) };
};

describe("what charon's events cause", () => {
  it("is a look for whatever happens to an SA", () => {
    const { heard, listener } = setUp();
    for (const name of ["ike-rekey", "child-rekey", "an-event-of-tomorrow"]) listener.onEvent(name, {});
    expect(heard).toEqual(["look", "look", "look"]);
  });

  it("is that what went up or down is taken in at once, and looked at all the same", () => {
    const { heard, listener } = setUp();
    listener.onEvent("child-updown", { up: "yes" });
    listener.onEvent("ike-updown", {});
    expect(heard).toEqual(["child up", "look", "ike down", "look"]);
  });

  it("is a line kept for a log event, and nothing else", () => {
    const { heard, lines, listener } = setUp();
    listener.onEvent("log", { msg: "received NO_PROPOSAL_CHOSEN error notify" });
    expect(lines.since(0)).toEqual(["received NO_PROPOSAL_CHOSEN error notify"]);
    expect(heard).toEqual([]);
  });

  it("is that an alert is told of the conn that it is about, and nothing else", () => {
    const { heard, listener } = setUp();
    listener.onEvent("alert", { type: "ts-mismatch", "ike-sa": { "spacegate.acme-space.office.1": { uniqueid: "7" } } });
    listener.onEvent("alert", { type: "shutdown-signal" });
    listener.onEvent("alert", {});
    expect(heard).toEqual(["spacegate.acme-space.office.1: ts-mismatch"]);
  });

  it("is a pass, with old failures forgotten, when charon answers", () => {
    const { heard, listener } = setUp();
    listener.onUp([]);
    expect(heard).toEqual(["returned", "pass"]);
  });

  it("is that every SA is gone when charon is", () => {
    const { heard, listener } = setUp();
    listener.onDown(unreachableError("charon is gone"));
    expect(heard).toEqual(["lost: charon is gone"]);
  });
});
