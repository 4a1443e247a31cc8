import { describe, expect, it } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";
import type { DesiredTunnel } from "../../agent/model/desired.ts";
import type { ObservedIke } from "../../agent/model/observed.ts";
import type { Step } from "../../agent/model/step.ts";
import { isLiveChild, type TunnelContext, tunnelSteps } from "../../agent/plan/tunnel-steps.ts";
import {
  carrierConns,
  childUp,
  fingerprint,
  ikeUp,
  type Sample,
  sample,
  sampleConnection,
  sampleEntry,
  sampleSettings,
  sampleTunnel,
  tunnelOf,
} from "../sample.ts";
import { lines } from "./step-lines.ts";

const own = sample();
const first = tunnelOf(own, 1);
const second = tunnelOf(own, 2);
const NOW = 1_000_000;

const authenticated = (...tunnels: DesiredTunnel[]): TunnelContext["ledger"] => ({
  loaded: {},
  authenticated: Object.fromEntries(tunnels.map((tunnel) => [tunnel.conn, fingerprint(tunnel.psk)])),
});

const contextOf = (of: Sample, changes: Partial<TunnelContext>): TunnelContext => {
  const carriers = carrierConns(of);
  return {
    sas: [],
    ledger: authenticated(...of.desired.tunnels),
    fingerprint: (tunnel) => fingerprint(tunnel.psk),
    attempts: {},
    now: NOW,
    wanted: (tunnel) => tunnel.routing === "vti" || carriers.has(tunnel.conn),
    carriers,
    passing: () => null,
    hopeless: new Set(),
    ...changes,
  };
};

const stepsFor = (changes: Partial<TunnelContext> = {}, of: Sample = own, kept: readonly string[] = []): readonly Step[] =>
  tunnelSteps(of.desired.tunnels, new Set(kept), contextOf(of, changes)).steps;

const stepLines = (...args: Parameters<typeof stepsFor>): string[] => lines(stepsFor(...args));

const movedTo = (carrier: 1 | 2, of: Sample): Sample => ({ ...of, carriers: { "acme-space/office": carrier } });

const upFirst = "bring up spacegate.acme-space.office.1: it is down";
const upSecond = "bring up spacegate.acme-space.office.2: it is down";

describe("a gateway that is taken out of service", () => {
  const closed = { closed: true, wanted: () => false };

  it("ends every tunnel's IKE_SA, one step each, and brings none up", () => {
    const sas = [ikeUp(first), ikeUp(second)];
    expect(stepLines({ ...closed, sas })).toEqual(
      sas.map(({ name, uniqueId }) => `end ${name}[${uniqueId}]: the gateway is draining`),
    );
    expect(stepLines(closed)).toEqual([]);
  });

  it("also ends what is on its way", () => {
    expect(stepLines({ ...closed, sas: [{ ...ikeUp(first), state: "CONNECTING", childSas: [] }] })).toHaveLength(1);
  });
});

describe("with nothing wrong", () => {
  it("touches neither tunnel", () => {
    expect(stepLines({ sas: [ikeUp(first), ikeUp(second)] })).toEqual([]);
  });

  it.each(["INSTALLED", "REKEYING", "REKEYED", "UPDATING"])("leaves a CHILD_SA alone that is %s", (state) => {
    const renewing = ikeUp(first, { childSas: [childUp(first, { state })] });
    expect(stepLines({ sas: [renewing, ikeUp(second)] })).toEqual([]);
  });

  it("leaves an IKEv1 reauthentication alone: the CHILD_SA is the new IKE_SA's before that is established", () => {
    const old = ikeUp(first, { uniqueId: 1, state: "REKEYING", establishedS: 25_000, childSas: [] });
    const renewed: ObservedIke = { ...ikeUp(first, { uniqueId: 7, state: "CONNECTING" }), establishedS: undefined };
    expect(stepLines({ sas: [old, renewed, ikeUp(second)] })).toEqual([]);
  });

  it("leaves an IKEv2 rekey alone", () => {
    const v2 = sample({ connections: [sampleConnection({ ikeVersion: 2 })] });
    const sas = [ikeUp(tunnelOf(v2, 1), { state: "REKEYING" }), ikeUp(tunnelOf(v2, 2))];
    expect(stepLines({ sas }, v2)).toEqual([]);
  });

  it("leaves a second IKE_SA of one tunnel alone while keys are renewed", () => {
    const old = ikeUp(first, { uniqueId: 1, establishedS: 25_000 });
    const renewed = ikeUp(first, { uniqueId: 7, establishedS: 30 });
    expect(stepLines({ sas: [old, renewed, ikeUp(second)] })).toEqual([]);
  });

  it.each(["CREATED", "INSTALLING", "DELETING", "DESTROYING"])("does not take a CHILD_SA for live that is %s", (state) => {
    expect(isLiveChild(childUp(first, { state }))).toBe(false);
  });
});

describe("a tunnel that is down", () => {
  it("is brought up, and so is its sibling", () => {
    expect(stepLines()).toEqual([upFirst, upSecond]);
  });

  it("is brought up while its sibling stays untouched", () => {
    expect(stepLines({ sas: [ikeUp(second)] })).toEqual([upFirst]);
  });

  it("carries the fingerprint of the PSK that it will be authenticated with", () => {
    const [step] = stepsFor({ sas: [ikeUp(second)] });
    expect(step).toMatchObject({ kind: "initiate", pskFingerprint: fingerprint(first.psk) });
  });

  it("is not tried again while charon still works on it", () => {
    const attempts = { [first.conn]: { inFlight: true, startedAt: NOW - 3000, notBefore: 0 } };
    expect(stepLines({ sas: [ikeUp(second)], attempts })).toEqual([]);
  });

  it.each([
    { title: "waits for its back-off", notBefore: NOW + 1, expected: [] },
    { title: "is tried again at its end", notBefore: NOW, expected: [upFirst] },
  ])("$title", ({ notBefore, expected }) => {
    const attempts = { [first.conn]: { inFlight: false, startedAt: NOW - 20_000, notBefore } };
    expect(stepLines({ sas: [ikeUp(second)], attempts })).toEqual(expected);
  });

  it("counts as down while its only SA is being deleted", () => {
    expect(stepLines({ sas: [ikeUp(first, { state: "DELETING" }), ikeUp(second)] })).toEqual([upFirst]);
  });
});

describe("a CONNECTING IKE_SA", () => {
  const connecting: ObservedIke = {
    ...ikeUp(first, { uniqueId: 5, state: "CONNECTING", childSas: [] }),
    establishedS: undefined,
  };
  const ended = "end spacegate.acme-space.office.1[5]: it does not come up";
  const attempt = (startedAt: number, inFlight: boolean, notBefore = 0) => ({ [first.conn]: { inFlight, startedAt, notBefore } });
  const sas = [connecting, ikeUp(second)];

  it("has ten seconds", () => {
    expect(stepLines({ sas, attempts: attempt(NOW - 10_000, true) })).toEqual([]);
  });

  it("is ended after them, and not begun anew while its try is still under way", () => {
    expect(stepLines({ sas, attempts: attempt(NOW - 10_001, true) })).toEqual([ended]);
  });

  it("is ended and begun anew once its try has failed and the back-off is over", () => {
    expect(stepLines({ sas, attempts: attempt(NOW - 12_000, false, NOW - 1) })).toEqual([ended, upFirst]);
  });

  it("is ended although the back-off still runs", () => {
    expect(stepLines({ sas, attempts: attempt(NOW - 12_000, false, NOW + 5000) })).toEqual([ended]);
  });

  it("is ended and begun anew when it is charon's own retry, on its long timers", () => {
    expect(stepLines({ sas })).toEqual([ended, upFirst]);
  });
});

describe("an IKE_SA without a CHILD_SA", () => {
  const childless = (establishedS: number) => ikeUp(first, { uniqueId: 6, establishedS, childSas: [] });

  it("has five seconds to get one", () => {
    expect(stepLines({ sas: [childless(5), ikeUp(second)] })).toEqual([]);
  });

  it("is cleaned up after them", () => {
    expect(stepLines({ sas: [childless(6), ikeUp(second)] })).toEqual([
      "end spacegate.acme-space.office.1[6]: it has no CHILD_SA",
      upFirst,
    ]);
  });

  it("is left alone while the agent's own try goes on", () => {
    const attempts = { [first.conn]: { inFlight: true, startedAt: NOW - 8000, notBefore: 0 } };
    expect(stepLines({ sas: [childless(6), ikeUp(second)], attempts })).toEqual([]);
  });
});

describe("duplicates", () => {
  const at = (uniqueId: number, establishedS: number) => ikeUp(first, { uniqueId, establishedS });

  it("are reduced to the newest once that has stood for half a minute", () => {
    expect(stepLines({ sas: [at(1, 400), at(2, 31), at(3, 90), ikeUp(second)] })).toEqual([
      "end spacegate.acme-space.office.1[3]: a newer one does its work",
      "end spacegate.acme-space.office.1[1]: a newer one does its work",
    ]);
  });

  it("are left alone before", () => {
    expect(stepLines({ sas: [at(1, 400), at(2, 30), ikeUp(second)] })).toEqual([]);
  });
});

describe("a changed VPN gateway address", () => {
  const moved = sample({ connections: [sampleConnection({ tunnels: [sampleTunnel(1), sampleTunnel(2, { ip: "34.9.9.9" })] })] });
  const old = ikeUp(second, { uniqueId: 2 });
  const replacement = ikeUp(tunnelOf(moved, 2), { uniqueId: 9, establishedS: 1 });

  it("makes the new SAs while the old ones still carry", () => {
    expect(stepLines({ sas: [ikeUp(first), old] }, moved)).toEqual(["bring up spacegate.acme-space.office.2: it changed"]);
  });

  it("breaks the old ones when the new ones are up", () => {
    expect(stepLines({ sas: [ikeUp(first), old, replacement] }, moved)).toEqual([
      "end spacegate.acme-space.office.2[2]: its replacement is up",
    ]);
  });

  it("ends nothing while the new ones come up", () => {
    const connecting = ikeUp(tunnelOf(moved, 2), { uniqueId: 9, state: "CONNECTING", childSas: [] });
    const attempts = { [second.conn]: { inFlight: true, startedAt: NOW - 500, notBefore: 0 } };
    expect(stepLines({ sas: [ikeUp(first), old, connecting], attempts }, moved)).toEqual([]);
  });

  it.each([
    { title: "this gateway's address", changes: { localHost: "172.16.0.9" } },
    { title: "the IKE version", changes: { version: 2 as const } },
    { title: "the local traffic selector", changes: { childSas: [childUp(second, { localTs: ["192.168.0.0/24"] })] } },
    { title: "the remote traffic selector", changes: { childSas: [childUp(second, { remoteTs: ["10.9.0.0/16"] })] } },
  ])("is no different from a change of $title", ({ changes }) => {
    expect(stepLines({ sas: [ikeUp(first), ikeUp(second, changes)] })).toEqual([
      "bring up spacegate.acme-space.office.2: it changed",
    ]);
  });
});

describe("a changed PSK", () => {
  const tunnels = [sampleTunnel(1, { psk: new Secret("new1") }), sampleTunnel(2, { psk: new Secret("new2") })];
  const rotated = sample({ connections: [sampleConnection({ tunnels })] });
  const newFirst = tunnelOf(rotated, 1);
  const newSecond = tunnelOf(rotated, 2);
  const sas = [ikeUp(first), ikeUp(second)];
  const again = (index: number) => `authenticate spacegate.acme-space.office.${index} anew with its new PSK`;

  it("goes to the tunnel first that does not carry", () => {
    expect(stepLines({ sas, ledger: authenticated(first, second) }, rotated)).toEqual([again(2)]);
  });

  it("goes to tunnel 1 first when tunnel 2 carries", () => {
    const carried = movedTo(2, rotated);
    expect(stepLines({ sas, ledger: authenticated(first, second) }, carried)).toEqual([again(1)]);
  });

  it("goes to the second once the first is up and traffic has moved to it", () => {
    const ledger = authenticated(first, newSecond);
    expect(stepLines({ sas, ledger }, rotated)).toEqual([]);
    expect(stepLines({ sas, ledger }, movedTo(2, rotated))).toEqual([again(1)]);
  });

  it("does not go to the second while the first passes nothing", () => {
    const passing = (conn: string) => (conn === second.conn ? false : null);
    expect(stepLines({ sas, ledger: authenticated(first, newSecond), passing }, movedTo(2, rotated))).toEqual([]);
  });

  it("does not go to the second while the first is still authenticating, with its CHILD_SA in place", () => {
    const renewing = [ikeUp(first), ikeUp(second, { state: "CONNECTING", uniqueId: 8 })];
    expect(stepLines({ sas: renewing, ledger: authenticated(first, newSecond) }, movedTo(2, rotated))).toEqual([]);
  });

  it("goes at once to a tunnel whose old SAs are proven dead: they have nothing to lose", () => {
    const passing = (conn: string) => conn !== first.conn && null;
    expect(stepLines({ sas: [ikeUp(first)], ledger: authenticated(first), passing }, rotated)).toEqual([again(1), upSecond]);
  });

  it("waits for an IKE_SA that is being renewed anyway", () => {
    const renewing = [ikeUp(first), ikeUp(second, { state: "CONNECTING" })];
    expect(stepLines({ sas: renewing, ledger: authenticated(newFirst, second) }, rotated)).toEqual([]);
  });

  it("is nothing to do where the agent does not know what an SA was authenticated with", () => {
    expect(stepLines({ sas, ledger: authenticated() }, rotated)).toEqual([]);
  });
});

describe("both addresses changed", () => {
  const tunnels = [sampleTunnel(1, { ip: "34.8.8.8" }), sampleTunnel(2, { ip: "34.9.9.9" })];
  const moved = sample({ connections: [sampleConnection({ tunnels })] });
  const planFor = (sas: readonly ObservedIke[], of = moved, passing: TunnelContext["passing"] = () => null) =>
    tunnelSteps(moved.desired.tunnels, new Set(), contextOf(of, { sas, passing }));

  it("changes one tunnel, and names the one that waits", () => {
    const { steps, waiting, changing } = planFor([ikeUp(first), ikeUp(second)]);
    expect(changing.map(({ conn }) => conn)).toEqual([first.conn, second.conn]);
    expect(lines(steps)).toEqual(["bring up spacegate.acme-space.office.2: it changed"]);
    expect(waiting.map(({ conn }) => conn)).toEqual([first.conn]);
  });

  it("leaves the carrier alone until traffic has moved to the one that is up", () => {
    const { steps, waiting, changing } = planFor([ikeUp(first), ikeUp(tunnelOf(moved, 2))]);
    expect(lines(steps)).toEqual([]);
    expect([waiting, changing].map(([tunnel]) => tunnel?.conn)).toEqual([first.conn, first.conn]);
  });

  it("changes the other one then", () => {
    const { steps, waiting } = planFor([ikeUp(first), ikeUp(tunnelOf(moved, 2))], movedTo(2, moved));
    expect(lines(steps)).toEqual(["bring up spacegate.acme-space.office.1: it changed"]);
    expect(waiting).toEqual([]);
  });

  it("leaves the other one alone when the first did not come to pass anything", () => {
    const passing = (conn: string) => (conn === second.conn ? false : null);
    expect(lines(planFor([ikeUp(first), ikeUp(tunnelOf(moved, 2))], movedTo(2, moved), passing).steps)).toEqual([]);
  });
});

describe("policy routing", () => {
  const policy = sample({ settings: sampleSettings([sampleEntry({ routing: "policy" })]) });
  const one = tunnelOf(policy, 1);
  const two = tunnelOf(policy, 2);
  const onSecond = { ...policy, carriers: { "acme-space/office": 2 as const } };

  it("brings up the carrier and nothing else", () => {
    expect(stepLines({}, policy)).toEqual([upFirst]);
  });

  it("has nothing to do with the carrier up", () => {
    expect(stepLines({ sas: [ikeUp(one)] }, policy)).toEqual([]);
  });

  it("ends the other tunnel, whoever brought it up", () => {
    expect(stepLines({ sas: [ikeUp(one), ikeUp(two)] }, policy)).toEqual([
      "end spacegate.acme-space.office.2[2]: the other tunnel carries, and this one must not be up",
    ]);
  });

  it.each([
    { title: "from 1 to 2", of: onSecond, sas: [ikeUp(one)], ended: 1, begun: 2 },
    { title: "from 2 to 1", of: policy, sas: [ikeUp(two)], ended: 2, begun: 1 },
  ])("moves $title by ending the one before it begins the other", ({ of, sas, ended, begun }) => {
    expect(stepLines({ sas }, of)).toEqual([
      `end spacegate.acme-space.office.${ended}[${ended}]: the other tunnel carries, and this one must not be up`,
      `bring up spacegate.acme-space.office.${begun}: it is down`,
    ]);
  });
});

describe("SAs that belong to no tunnel", () => {
  const orphan = ikeUp(first, { name: "spacegate.old-space.branch.1", uniqueId: 40 });
  const sas = [ikeUp(first), ikeUp(second), orphan];

  it("are ended", () => {
    expect(stepLines({ sas })).toEqual(["end spacegate.old-space.branch.1[40]: its connection is no longer in the settings"]);
  });

  it("stay when their connection is only not known now", () => {
    expect(stepLines({ sas }, own, [orphan.name])).toEqual([]);
  });

  it.each(["vpn1", "spacegate", "spacegate.mine", "spacegate.a.b.3", "my.spacegate.a.b.1", "spacegate.a.b.1.x"])(
    "stay when they are somebody else's: %s",
    (name) => {
      expect(stepLines({ sas: [ikeUp(first), ikeUp(second), ikeUp(first, { name, uniqueId: 41 })] })).toEqual([]);
    },
  );
});
