import { describe, expect, it } from "vitest";
import { formatEvent, parseEvent, type ScenarioResult } from "./events.ts";
import { describeResult, jsonLine, summary } from "./report.ts";
import { up } from "./scenarios/up.ts";

const good: ScenarioResult = {
  scenario: "up",
  engine: "uml",
  seconds: 12.3,
  tunnels: [
    { index: 1, address: "34.203.187.158", ike: "ESTABLISHED", child: "INSTALLED", passing: true, carrier: true },
    { index: 2, address: "34.227.70.143", ike: "NONE", child: "NONE", passing: null, carrier: false },
  ],
  ping: { sent: 20, received: 20 },
  healthz: 200,
  notes: ["agent start to the child INSTALLED: 0.91 s"],
};

describe("the lab's report", () => {
  it("shows both tunnels, the pings and what was measured", () => {
    expect(describeResult(good, up)).toBe(`passed: up (uml, 12.3 s): ${up.title}
tunnel  VPN gateway     IKE_SA       CHILD_SA   passing  carrier
1       34.203.187.158  ESTABLISHED  INSTALLED  yes      yes
2       34.227.70.143   NONE         NONE       -        no
pings LAN to dyno: 20 of 20 answered
/healthz: 200
agent start to the child INSTALLED: 0.91 s`);
  });

  it("says why a scenario failed", () => {
    const failed: ScenarioResult = { scenario: "up", engine: "uml", seconds: 1, notes: [], error: "expected 20, found 19" };
    expect(describeResult(failed, up)).toBe(`FAILED: up (uml, 1 s): ${up.title}\nexpected 20, found 19`);
  });

  it("is one line of JSON for scripts", () => {
    expect(JSON.parse(jsonLine("uml", [good], 20.5))).toEqual({
      engine: "uml",
      tunnels: [
        { index: 1, ike: "ESTABLISHED", child: "INSTALLED", passing: true },
        { index: 2, ike: "NONE", child: "NONE", passing: null },
      ],
      ping: { sent: 20, received: 20 },
      healthz: 200,
      seconds: 20.5,
    });
  });

  it("adds the outcome of each scenario when there are several", () => {
    const failed: ScenarioResult = { scenario: "tools", engine: "uml", seconds: 2, notes: [], error: "no" };
    expect(JSON.parse(jsonLine("uml", [good, failed], 20.5))).toMatchObject({
      scenarios: [
        { name: "up", passed: true, seconds: 12.3 },
        { name: "tools", passed: false, seconds: 2 },
      ],
    });
  });

  it("counts a scenario that never reported as failed", () => {
    expect(summary([good], 3)).toBe("1 passed, 2 failed");
  });
});

describe("events between a cell and the lab", () => {
  it("survive a serial line's carriage returns", () => {
    const line = formatEvent({ type: "result", result: good }).replace("\n", "\r\n");
    expect(parseEvent(line)).toEqual({ type: "result", result: good });
  });

  it("are told from everything else that a machine prints", () => {
    expect(parseEvent("reboot: Power down")).toBeUndefined();
  });
});
