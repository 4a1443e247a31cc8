import { describe, expect, it } from "vitest";
import { connectionKey } from "../../agent/model/connection.ts";
import { type Step, type StepKind, touchedConn } from "../../agent/model/step.ts";
import { describeStep } from "../../agent/model/step-text.ts";
import { FIREWALL, fileOf, fingerprint, sample, tunnelOf } from "../sample.ts";

const own = sample();
const tunnel = tunnelOf(own, 1);
const file = fileOf(own, "ipsec.secrets");
const link = { name: "sgvti16384", local: "172.16.0.2", remote: "34.203.187.158", key: 16_384, mtu: 1419 };
const route = { table: 254, dst: "10.0.0.0/16", dev: link.name, metric: 50 };
const rule = { kind: "mark", mark: 81_920, table: 81_920 } as const;
const why = "it is down";
const pskFingerprint = fingerprint(tunnel.psk);

/** One of each kind, so that a new kind does not compile without words. */
const STEPS: { readonly [K in StepKind]: readonly [Extract<Step, { kind: K }>, string] } = {
  "check-proposals": [
    { kind: "check-proposals", tunnel },
    "have charon check the proposals ike=aes256-sha256-modp2048 esp=aes256-sha256-modp2048",
  ],
  "keep-original": [{ kind: "keep-original", path: "/etc/a", keptAs: "/etc/b" }, "keep /etc/a as /etc/b"],
  "write-file": [{ kind: "write-file", file }, "write /etc/ipsec.secrets"],
  "start-charon": [{ kind: "start-charon", tunnels: [tunnel], loaded: {} }, "start strongSwan"],
  "restart-charon": [{ kind: "restart-charon", why: "it must", tunnels: [tunnel], loaded: {} }, "restart strongSwan: it must"],
  "add-link": [{ kind: "add-link", link }, "add the VTI link sgvti16384 to 34.203.187.158"],
  "change-link": [{ kind: "change-link", link }, "change the VTI link sgvti16384 to 34.203.187.158"],
  "delete-link": [{ kind: "delete-link", name: "sgvti16384" }, "delete the VTI link sgvti16384"],
  "set-sysctl": [{ kind: "set-sysctl", sysctl: { key: "net/a", value: "1" } }, "set net/a to 1"],
  "replace-route": [{ kind: "replace-route", route }, "set the route 10.0.0.0/16 through sgvti16384, table 254, metric 50"],
  "delete-route": [
    { kind: "delete-route", route: { table: 254, dst: "10.0.0.0/16", metric: 20_000 } },
    "delete the route 10.0.0.0/16 unreachable, table 254, metric 20000",
  ],
  "add-rule": [{ kind: "add-rule", rule }, "add the rule for mark 81920"],
  "delete-rule": [{ kind: "delete-rule", rule }, "delete the rule for mark 81920"],
  "apply-firewall": [
    { kind: "apply-firewall", text: "table", desired: FIREWALL, counts: {}, why: "it changed" },
    "load the firewall's table: it changed",
  ],
  "remove-firewall": [{ kind: "remove-firewall" }, "remove the firewall's table"],
  "reread-secrets": [{ kind: "reread-secrets", loaded: {} }, "have charon read the secrets again"],
  "update-conns": [{ kind: "update-conns", tunnels: [tunnel], loaded: {} }, "have charon read the conns again"],
  reauthenticate: [
    { kind: "reauthenticate", conn: tunnel.conn, uniqueId: 3, pskFingerprint },
    "authenticate spacegate.acme-space.office.1 anew with its new PSK",
  ],
  "terminate-ike": [
    { kind: "terminate-ike", conn: tunnel.conn, uniqueId: 3, why: "it hangs" },
    "end spacegate.acme-space.office.1[3]: it hangs",
  ],
  initiate: [{ kind: "initiate", tunnel, pskFingerprint, why }, "bring up spacegate.acme-space.office.1: it is down"],
};

const TOUCHING: readonly StepKind[] = ["initiate", "terminate-ike", "reauthenticate"];

describe.each(Object.entries(STEPS))("%s", (kind, [step, text]) => {
  it("is told in one sentence without a PSK", () => {
    expect(describeStep(step)).toBe(text);
    expect(JSON.stringify(step) + describeStep(step)).not.toContain(tunnel.psk.reveal());
  });

  it(`${TOUCHING.includes(step.kind) ? "touches" : "does not touch"} a tunnel`, () => {
    expect(touchedConn(step)).toBe(TOUCHING.some((one) => one === kind) ? tunnel.conn : undefined);
  });
});

it("a connection is named by its space and its name", () => {
  expect(connectionKey({ space: "acme-space", name: "office" })).toBe("acme-space/office");
});
