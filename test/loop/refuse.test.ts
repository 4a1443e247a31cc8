import { describe, expect, it } from "vitest";
import { refuseUnfit } from "../../agent/loop/refuse.ts";
import { failureOf } from "../lib/support.ts";
import { numberedConnection, sampleConnection, sampleSettings } from "../sample.ts";

describe("details that do not fit the settings", () => {
  it("are refused with the field, the value and a fix", async () => {
    const error = await failureOf(() => refuseUnfit(sampleConnection({ spaceCidr: "172.16.0.0/16" }), sampleSettings()));
    expect(error.code).toBe("CONNECTION_INVALID");
    expect(error.message).toContain("172.16.0.0/16");
    expect(error.fix).not.toBe("");
  });

  it("never tell a PSK", async () => {
    const error = await failureOf(() => refuseUnfit(sampleConnection({ spaceCidr: "172.16.0.0/16" }), sampleSettings()));
    expect(JSON.stringify([error.message, error.fix, error.details])).not.toMatch(/abcdef12345|123456abcdef/);
  });

  it("are none where all is well, or where the settings do not name the connection", () => {
    expect(() => refuseUnfit(sampleConnection(), sampleSettings())).not.toThrow();
    expect(() => refuseUnfit(numberedConnection(7), sampleSettings())).not.toThrow();
  });
});
