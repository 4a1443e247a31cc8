import { describe, expect, it } from "vitest";
import { type Before, planReport, planText } from "../../agent/cli/plan-text.ts";
import { Secret } from "../../agent/lib/secret.ts";
import type { DesiredFile } from "../../agent/model/desired.ts";
import type { Step } from "../../agent/model/step.ts";
import { FIREWALL } from "../sample.ts";

const PSK = "abcdef12345";

const file: DesiredFile = {
  path: "/etc/ipsec.secrets",
  mode: 0o600,
  content: new Secret(`: PSK ${PSK}\n`),
  shown: ": PSK <psk 0123456789ab>\n",
  role: "ipsec.secrets",
};

const write: Step = { kind: "write-file", file };
const end: Step = { kind: "terminate-ike", conn: "vpn1", uniqueId: 7, why: "it hangs" };
const absent: Before = () => ({ kind: "absent" });
const own: Before = () => ({ kind: "own", text: ": PSK <psk ffffffffffff>\n" });
const foreign: Before = () => ({ kind: "foreign" });

describe("a plan for scripts", () => {
  it.each([
    ["create", [write], absent],
    ["update", [write], own],
    ["update", [write], foreign],
    ["none", [], own],
  ] as const)("%s", (change, steps, before) => {
    const report = planReport([file], steps, before, []);
    expect(report.files).toMatchObject([{ path: "/etc/ipsec.secrets", mode: "0600", change, content: file.shown }]);
    expect(JSON.stringify(report)).not.toContain(PSK);
  });

  it("names the tunnel that a step touches", () => {
    expect(planReport([file], [write, end], absent, []).steps).toEqual([
      { kind: "write-file", text: "write /etc/ipsec.secrets" },
      { kind: "terminate-ike", text: "end vpn1[7]: it hangs", tunnel: "vpn1" },
    ]);
  });
});

describe("a plan for people", () => {
  it("shows a new file as a whole, and the tunnels it touches", () => {
    expect(planText(planReport([file], [write, end], absent, []))).toBe(
      [
        "+ /etc/ipsec.secrets (0600)",
        "    : PSK <psk 0123456789ab>",
        "",
        "Steps:",
        "  1. write /etc/ipsec.secrets",
        "  2. end vpn1[7]: it hangs",
        "",
        "Tunnels touched: vpn1",
      ].join("\n"),
    );
  });

  it("shows what would change in the agent's own file, and nothing of the owner's", () => {
    expect(planText(planReport([file], [write], own, []))).toMatch(/-: PSK <psk ffffffffffff>\n\s+\+: PSK <psk 0123456789ab>/);
    expect(planText(planReport([file], [write], foreign, []))).not.toContain("ffffffffffff");
  });

  it("says so when there is nothing to do, and what is in the way", () => {
    expect(planText(planReport([file], [], own, [{ text: "No details.", fix: "Wait." }]))).toBe(
      "! No details.\n    Wait.\nNothing to do.",
    );
  });
});

describe("what a plan says of the firewall's table", () => {
  const TEXT = "table inet spacegate {\n\tset peers\n}\n";
  const apply: Step = { kind: "apply-firewall", text: TEXT, desired: FIREWALL, counts: {}, why: "it changed" };
  const memory = { text: TEXT.replace("peers", "older"), listing: "as listed\n" };
  const shown = (steps: readonly Step[], before: Parameters<typeof planReport>[4]): string =>
    planText(planReport([], steps, absent, [], before));

  it("is the whole ruleset while there is no table", () => {
    expect(shown([apply], { listing: undefined, memory: undefined })).toMatch(
      /^\+ table inet spacegate \(nftables\)\n {4}table inet spacegate \{\n/,
    );
  });

  it("is the difference from what was loaded last", () => {
    expect(shown([apply], { listing: memory.listing, memory })).toMatch(/^~ table [\s\S]*-\tset older\n\s+\+\tset peers/);
  });

  it("is what somebody changed in the kernel, taken back", () => {
    const before = { listing: "edited\n", memory: { ...memory, text: TEXT } };
    expect(shown([apply], before)).toMatch(/-edited\n\s+\+as listed/);
  });

  it("is its removal when the firewall is the owner's, and a word when it stays", () => {
    expect(shown([{ kind: "remove-firewall" }], { listing: memory.listing, memory })).toMatch(/^- table inet spacegate/);
    expect(shown([end], { listing: memory.listing, memory })).toMatch(/^= table inet spacegate stays as it is/);
  });

  it("is nothing where it is not looked at", () => {
    expect(planReport([], [end], absent, [])).not.toHaveProperty("firewall");
  });
});
