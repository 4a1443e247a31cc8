import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { checkText, type ShownCheck } from "../../agent/cli/check-text.ts";

const SCREEN = { width: 80, colour: false };

const RESULTS: readonly ShownCheck[] = [
  { group: "strongSwan", title: "charon answers over VICI", status: "ok", text: "/run/charon.vici" },
  {
    group: "Kernel",
    title: "The kernel has VTI",
    status: "warning",
    text: "This kernel has no VTI (module ip_vti).",
    fix: "modprobe ip_vti",
  },
  {
    group: "Way to Heroku",
    title: "The VPN gateway answers on UDP 500",
    status: "failed",
    text: "34.227.70.143 does not answer on UDP 500.",
    fix: "Open UDP 500 and 4500 in both directions to that address, and see that this host's public address is the one that Heroku has.",
    connection: "acme-space/office",
    tunnel: 2,
  },
  { group: "Host", title: "AppArmor lets charon read", status: "skipped", text: "This kernel has no AppArmor." },
];

describe("checkText", () => {
  it("names the PrivateLink that a line is about", () => {
    const line: ShownCheck = { group: "PrivateLink", title: "It carries", status: "ok", text: "PONG", link: "orders-redis" };
    expect(checkText([line], SCREEN)).toContain("It carries: orders-redis: PONG");
  });

  it("is a line a check, by group, with what to do below it, and a sum", () => {
    expect(checkText(RESULTS, SCREEN)).toBe(`strongSwan
  ok       charon answers over VICI: /run/charon.vici

Kernel
  warning  The kernel has VTI: This kernel has no VTI (module ip_vti).
           → modprobe ip_vti

Way to Heroku
  FAILED   The VPN gateway answers on UDP 500: tunnel 2: 34.227.70.143 does not
           answer on UDP 500.
           → Open UDP 500 and 4500 in both directions to that address, and see
           that this host's public address is the one that Heroku has.

Host
  skipped  AppArmor lets charon read: This kernel has no AppArmor.

1 failed, 1 ok, 1 warning, 1 skipped.`);
  });

  it("says so when nothing failed", () => {
    expect(checkText(RESULTS.slice(0, 1), SCREEN)).toContain("Nothing failed: 1 ok, 0 warnings, 0 skipped.");
  });

  it("names connections where there are several", () => {
    const other: ShownCheck = { group: "Heroku", title: "T", status: "ok", text: "fine", connection: "acme-space/branch" };
    expect(checkText([...RESULTS, other], SCREEN)).toContain("  ok       T: acme-space/branch: fine");
  });

  it("says the same with colours", () => {
    const coloured = checkText(RESULTS, { ...SCREEN, colour: true });
    expect(coloured).not.toBe(checkText(RESULTS, SCREEN));
    expect(stripVTControlCharacters(coloured)).toBe(checkText(RESULTS, SCREEN));
  });

  it("lets nobody's words move the terminal's cursor", () => {
    const nasty: ShownCheck = { group: "Heroku", title: "T", status: "failed", text: "a\u001b[2Jb", fix: "c\nd" };
    expect(checkText([nasty], SCREEN)).toContain("T: a [2Jb\n           → c d");
  });
});
