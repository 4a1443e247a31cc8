import { describe, expect, it } from "vitest";
import type { Observed, ObservedCharon } from "../../agent/model/observed.ts";
import { charonSteps } from "../../agent/plan/charon-steps.ts";
import {
  childUp,
  fileOf,
  fileOnDisk,
  fingerprint,
  ikeUp,
  loadedConn,
  matchingHost,
  runningCharon,
  sample,
  tunnelOf,
} from "../sample.ts";
import { lines } from "./step-lines.ts";

const own = sample();
const right = matchingHost(own);
const [one, two] = [tunnelOf(own, 1), tunnelOf(own, 2)];

const stepsFor = (changes: Partial<Observed>, standalone = false) =>
  charonSteps(own.desired, own.files, { ...right, ...changes }, { standalone, hash: fingerprint });

const charon = (changes: Parameters<typeof runningCharon>[1]): { charon: ObservedCharon } => ({
  charon: runningCharon(own.desired, changes),
});

const loaded = (changes: Record<string, string>) => ({
  ledger: { ...right.ledger, loaded: { ...right.ledger.loaded, ...changes } },
});

const reread = "have charon read the secrets again";
const update = "have charon read the conns again";

describe("a charon that runs with what is on disk", () => {
  it.each([true, false])("is left alone (standalone: %s)", (standalone) => {
    expect(stepsFor({}, standalone)).toEqual([]);
  });

  it("does not mind the owner's conns", () => {
    const conns = [
      ...runningCharon(own.desired).conns,
      loadedConn(one, { name: "mine" }),
      loadedConn(one, { name: "spacegate.mine" }),
    ];
    expect(stepsFor(charon({ conns }))).toEqual([]);
  });
});

describe("each difference", () => {
  it.each<{ title: string; given: Partial<Observed>; expected: string[] }>([
    {
      title: "other secrets than charon was last told to read",
      given: loaded({ "/etc/ipsec.secrets": "other" }),
      expected: [reread],
    },
    { title: "other conns than charon was last told to read", given: loaded({ "/etc/ipsec.conf": "other" }), expected: [update] },
    {
      title: "nothing known of what charon read",
      given: { ledger: { loaded: {}, authenticated: {} } },
      expected: [reread, update],
    },
    { title: "a conn that charon lost", given: charon({ conns: [loadedConn(one)] }), expected: [update] },
    {
      title: "a conn that charon has with another address",
      given: charon({ conns: [loadedConn(one, { remoteAddrs: ["34.9.9.9"] }), loadedConn(two)] }),
      expected: [update],
    },
    {
      title: "a conn of the agent's that is in no file any more",
      given: charon({ conns: [loadedConn(one), loadedConn(two), loadedConn(one, { name: "spacegate.old.office.1" })] }),
      expected: [update],
    },
    {
      title: "no list of conns to compare with, and the right texts read",
      given: charon({ via: "statusall", conns: [] }),
      expected: [],
    },
  ])("$title", ({ given, expected }) => {
    expect(lines(stepsFor(given))).toEqual(expected);
  });

  it("has charon remember what it was told, and only that", () => {
    const [first, second] = stepsFor({ ledger: { loaded: {}, authenticated: {} } });
    const hash = (role: "ipsec.conf" | "ipsec.secrets") => ({ [fileOf(own, role).path]: fingerprint(fileOf(own, role).content) });
    expect(first).toEqual({ kind: "reread-secrets", loaded: hash("ipsec.secrets") });
    expect(second).toMatchObject({ kind: "update-conns", tunnels: own.desired.tunnels, loaded: hash("ipsec.conf") });
  });
});

describe("a charon that is away", () => {
  const absent: Partial<Observed> = { charon: { kind: "absent", why: "it is stopped" } };

  it("is the init system's to start", () => {
    expect(stepsFor(absent)).toEqual([]);
  });

  it("is the agent's to start where it stands alone", () => {
    expect(stepsFor(absent, true)).toMatchObject([
      { kind: "start-charon", tunnels: own.desired.tunnels, loaded: right.ledger.loaded },
    ]);
  });
});

describe("a changed configuration of the daemon's", () => {
  const { path, content } = fileOf(own, "strongswan.conf");
  const restart = "restart strongSwan: its own configuration changed and no tunnel is up";
  const idle = { sas: [] };
  const fragment = (modifiedAt: number) => ({ files: { ...right.files, [path]: { content, mode: 0o644, modifiedAt } } });
  const notYetLoaded = { ledger: { ...right.ledger, loaded: {} } };

  it.each<{ title: string; given: Partial<Observed>; expected: string[] }>([
    {
      title: "that is not on disk yet, restarts an idle charon",
      given: { ...charon(idle), ...notYetLoaded, files: {} },
      expected: [restart],
    },
    {
      title: "that differs, restarts an idle charon",
      given: { ...charon(idle), ...notYetLoaded, files: { [path]: fileOnDisk("old") } },
      expected: [restart],
    },
    {
      title: "that is newer than charon, restarts an idle one",
      given: { ...charon(idle), ...notYetLoaded, ...fragment(3000) },
      expected: [restart],
    },
    {
      title: "that is older than charon, restarts nothing",
      given: { ...charon(idle), ...notYetLoaded, ...fragment(1000) },
      expected: [reread, update],
    },
    {
      title: "from the future, restarts charon once and not for ever",
      given: { ...charon(idle), ...fragment(3000) },
      expected: [],
    },
  ])("$title", ({ given, expected }) => {
    expect(lines(stepsFor(given))).toEqual(expected);
  });

  it.each([
    { title: "a tunnel is up", sas: [ikeUp(one)] },
    { title: "somebody else's tunnel is up", sas: [ikeUp(one, { name: "mine" })] },
    { title: "an IKE_SA is being rekeyed", sas: [ikeUp(one, { state: "REKEYING" })] },
    { title: "an IKE_SA is being reauthenticated", sas: [ikeUp(one, { state: "CONNECTING", childSas: [childUp(one)] })] },
  ])("never restarts a charon while $title", ({ sas }) => {
    const steps = stepsFor({ ...charon({ sas }), ...fragment(3000), ...notYetLoaded });
    expect(lines(steps)).toEqual([reread, update]);
  });
});
