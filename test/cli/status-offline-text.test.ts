import { expect, it } from "vitest";
import { offlineText } from "../../agent/cli/status-offline-text.ts";
import type { OfflineStatus } from "../../agent/model/offline-status.ts";
import { AT } from "../expose/support.ts";

const SCREEN = { width: 80, colour: false };

const status = (changes: Partial<OfflineStatus> = {}): OfflineStatus => ({
  status: "not-running",
  agent: {
    running: false,
    text: "The agent does not answer on http://127.0.0.1:9747: ECONNREFUSED",
    fix: "systemctl start spacegate",
  },
  at: AT,
  charon: { running: true, version: "5.9.8", via: "vici", why: "" },
  connections: [
    {
      space: "acme-space",
      name: "office",
      confirmedAt: AT - 7_200_000,
      providerStatus: "active",
      tunnels: [
        {
          index: 1,
          conn: "spacegate.acme-space.office.1",
          address: "34.203.187.158",
          loaded: true,
          ike: "ESTABLISHED",
          child: "INSTALLED",
          establishedS: 90,
          bytesIn: 1500,
          bytesOut: 2500,
        },
        {
          index: 2,
          conn: "spacegate.acme-space.office.2",
          address: "34.227.70.143",
          loaded: false,
          ike: "NONE",
          child: "NONE",
          establishedS: null,
          bytesIn: 0,
          bytesOut: 0,
        },
      ],
    },
  ],
  strays: [],
  ...changes,
});

it("says that no agent answers, and what charon itself tells", () => {
  expect(offlineText(status(), SCREEN)).toBe(
    `x no agent answers: The agent does not answer on http://127.0.0.1:9747:
                    ECONNREFUSED
    Fix: systemctl start spacegate
strongSwan 5.9.8 runs, and this is what charon itself tells (by vici). Whether
packets pass is not known without the agent. Bytes count since the last rekey.

acme-space/office
  Heroku said active 2h ago (last good copy)
     TUNNEL            STATE         FOR      RTT      LOSS   IN       OUT
     1 34.203.187.158  ? installed   1m 30s   -        -      1.5 kB   2.5 kB
       IKE ESTABLISHED, child INSTALLED
     2 34.227.70.143   x down        -        -        -      0 B      0 B
       IKE NONE, child NONE; charon has not loaded spacegate.acme-space.office.2`,
  );
});

it("says it when charon does not answer either, and when nothing was ever known", () => {
  const charon = { running: false, version: "", via: "none", why: "cannot connect" };
  const [connection] = status().connections;
  const connections = connection ? [{ ...connection, confirmedAt: null, providerStatus: "", tunnels: [] }] : [];
  const text = offlineText(status({ charon, connections }), SCREEN);
  expect(text).toContain("strongSwan's charon does not answer either: cannot connect");
  expect(text).toContain("no last good copy of Heroku's details");
});

it("names conns that the settings do not have", () => {
  expect(offlineText(status({ strays: ["spacegate.old.office.1"] }), SCREEN)).toContain("spacegate.old.office.1");
});
