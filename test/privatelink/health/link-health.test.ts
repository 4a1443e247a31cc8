import { describe, expect, it } from "vitest";
import { WARNINGS } from "../../../agent/health/warnings.ts";
import { ERROR_CODES, type ErrorCode } from "../../../agent/lib/error-codes.ts";
import type { LinkProof } from "../../../agent/model/privatelink.ts";
import { type LinkKnown, linkHealth, linkStatus, linkTroubles } from "../../../agent/privatelink/health/link-health.ts";
import { troubleCode } from "../../../agent/privatelink/health/trouble-codes.ts";
import { wantedLink, wantedS3 } from "../../aws/sample.ts";

const NOW = Date.UTC(2026, 10, 1);
const MINUTE = 60_000;
const DAY = 86_400_000;

const proof = (changes: Partial<LinkProof> = {}): LinkProof => ({
  at: NOW,
  hostname: "vpce-1.example",
  dns: "endpoint",
  addresses: ["172.31.0.10"],
  silent: [],
  tcp: true,
  hello: true,
  said: "Redis answers PONG",
  rttMs: 1.5,
  certificateExpiresAt: NOW + 90 * DAY,
  trouble: null,
  ...changes,
});

const FAILED = proof({ tcp: false, hello: null, trouble: { text: "172.31.0.10:6379 does not answer: ETIMEDOUT.", fix: "see" } });
const blocked = { code: "LINK_ZONE", text: "zone", fix: "fix", blocking: true } as const;

/** A link that carries. */
const known = (changes: Partial<LinkKnown> = {}): LinkKnown => ({
  wanted: wantedLink(),
  looked: true,
  herokuStatus: "Operational",
  serviceName: "com.amazonaws.vpce.us-east-1.vpce-svc-1",
  endpoint: { id: "vpce-1", state: "available" },
  problems: [],
  waitingFor: "",
  proof: proof(),
  misses: 0,
  hasCarried: true,
  availableAt: NOW - 60 * MINUTE,
  now: NOW,
  ...changes,
});

const pending = { endpoint: { id: "vpce-1", state: "pending" }, availableAt: null, proof: null, hasCarried: false } as const;

describe("a link in one word", () => {
  it.each([
    ["starting", "before anybody has looked", { looked: false }],
    ["ok", "when a proof says so", {}],
    ["ok", "also while AWS does not answer", { problems: [{ ...blocked, code: "AWS_UNAVAILABLE", blocking: false }] }],
    ["degraded", "when one zone is silent", { proof: proof({ silent: ["172.31.16.10"] }) }],
    ["degraded", "when it carries and cannot be as declared", { problems: [blocked] }],
    ["degraded", "when one proof failed", { proof: FAILED, misses: 1 }],
    ["down", "when two proofs in a row failed", { proof: FAILED, misses: 2 }],
    [
      "down",
      "when it was rejected",
      {
        endpoint: { id: "vpce-1", state: "rejected" },
        proof: null,
        problems: [{ ...blocked, code: "LINK_REJECTED" }],
        hasCarried: false,
      },
    ],
    ["down", "when it cannot be made", { ...pending, endpoint: undefined, problems: [blocked] }],
    [
      "down",
      "when it was rejected after it had carried",
      { endpoint: { id: "vpce-1", state: "rejected" }, proof: null, problems: [{ ...blocked, code: "LINK_REJECTED" }] },
    ],
    [
      "ok",
      "while AWS works at a change, as long as it carries",
      { endpoint: { id: "vpce-1", state: "pending" }, availableAt: null },
    ],
    ["provisioning", "while AWS is at work", { ...pending }],
    [
      "provisioning",
      "while a new endpoint's name is not known yet",
      { proof: FAILED, misses: 5, hasCarried: false, availableAt: NOW - 2 * MINUTE },
    ],
    [
      "down",
      "when a new endpoint has had its time",
      { proof: FAILED, misses: 5, hasCarried: false, availableAt: NOW - 11 * MINUTE },
    ],
    ["provisioning", "for a state that nobody knows yet", { ...pending, endpoint: { id: "vpce-1", state: "partial" } }],
  ] as const)("is %s %s", (word, _when, changes) => {
    expect(linkHealth(known(changes))).toBe(word);
  });

  it("is never ok without a proof, except for a gateway endpoint, which nothing answers for", () => {
    expect(linkHealth(known({ proof: null }))).not.toBe("ok");
    expect(linkHealth(known({ proof: null, wanted: wantedS3(), hasCarried: false }))).toBe("ok");
    expect(linkHealth(known({ ...pending, wanted: wantedS3() }))).toBe("provisioning");
  });
});

describe("a link's troubles", () => {
  const codes = (changes: Partial<LinkKnown>) => linkTroubles(known(changes)).map(({ code }) => code);

  it("are none when it carries", () => {
    expect(codes({})).toEqual([]);
  });

  it.each([
    ["link-down", { proof: FAILED, misses: 2 }],
    ["link-dns-internet", { proof: proof({ dns: "internet", trouble: { text: "over the internet", fix: "fix" } }), misses: 2 }],
    ["link-dns-nowhere", { proof: proof({ dns: "nowhere", trouble: { text: "nowhere", fix: "fix" } }), misses: 2 }],
    ["link-address-silent", { proof: proof({ silent: ["172.31.16.10"] }) }],
    ["link-certificate-expiring", { proof: proof({ certificateExpiresAt: NOW + 13 * DAY }) }],
    [
      "link-acceptance-pending",
      { ...pending, endpoint: { id: "vpce-1", state: "pendingAcceptance" }, waitingFor: "the provider" },
    ],
    ["link-provisioning-long", { ...pending, waitingFor: "AWS to make vpce-1 available" }],
    ["link-forbidden", { problems: [{ ...blocked, code: "AWS_FORBIDDEN" }] }],
  ] as const)("are %s", (code, changes) => {
    expect(codes(changes)).toEqual([code]);
  });

  it("say no word of a single proof that failed, nor of a new endpoint", () => {
    expect(codes({ proof: FAILED, misses: 1 })).toEqual([]);
    expect(codes({ proof: FAILED, misses: 9, hasCarried: false, availableAt: NOW - MINUTE })).toEqual([]);
  });

  it("tell a certificate that has expired from one that will", () => {
    const text = (certificateExpiresAt: number) => linkTroubles(known({ proof: proof({ certificateExpiresAt }) }))[0]?.text;
    expect(text(NOW + 2 * DAY - 1)).toBe("The far end's certificate expires in 2 days at most.");
    expect(text(NOW)).toBe("The far end's certificate has expired.");
    expect(text(NOW + 15 * DAY)).toBeUndefined();
  });

  it("have a declared warning each, whatever error there is", () => {
    const declared = new Set(WARNINGS.filter(({ about }) => about === "link").map(({ code }) => code));
    for (const code of Object.keys(ERROR_CODES)) expect(declared).toContain(troubleCode(code as ErrorCode));
  });
});

describe("a link's status", () => {
  it("keeps its beginning while the word stays the same", () => {
    const first = linkStatus(known(), undefined);
    expect(linkStatus(known({ now: NOW + MINUTE }), first).since).toBe(NOW);
    expect(linkStatus(known({ now: NOW + MINUTE, proof: FAILED, misses: 2 }), first).since).toBe(NOW + MINUTE);
  });
});
