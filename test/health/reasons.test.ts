import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { alertLine, type Failure, REASONS, reasonOf } from "../../agent/health/reasons.ts";
import { lastedLine } from "../../agent/model/attempt-line.ts";

const FIXTURES = new URL("fixtures/", import.meta.url);

/** What a real charon said about a try: see capture.sh. */
const said = (name: string): Pick<Failure, "words" | "lines"> => {
  const [words = "", ...lines] = readFileSync(new URL(`${name}.txt`, FIXTURES), "utf8")
    .trimEnd()
    .split("\n");
  return { words, lines };
};

const failure = (changes: Partial<Failure> = {}): Failure => ({
  words: "",
  lines: [],
  remote: "34.203.187.158",
  local: "172.16.0.2",
  providerStatus: "UP",
  providerMessage: "",
  hasLocalAddress: true,
  ...changes,
});

/** The lines of a capture without those that match: a try that went almost the same way. */
const without = (name: string, pattern: RegExp): Pick<Failure, "words" | "lines"> => {
  const { words, lines } = said(name);
  return { words, lines: lines.filter((line) => !pattern.test(line)) };
};

interface Case {
  readonly shows: Readonly<Record<string, Failure>>;
  /** Words that must be in its text. */
  readonly says: RegExp;
  /** The nearest failure that is something else, and what that is. */
  readonly nearMiss: readonly [Failure, string | undefined];
}

const both = (name: string): Readonly<Record<string, Failure>> => ({
  IKEv1: failure(said(`ikev1-${name}`)),
  IKEv2: failure(said(`ikev2-${name}`)),
});

/** One for every declared reason; the test below fails for a new one that has none. */
const CASES: Readonly<Record<string, Case>> = {
  "local-address-gone": {
    shows: { "whatever charon says": failure({ ...said("ikev1-silent-500"), hasLocalAddress: false }) },
    says: /no longer has the address 172\.16\.0\.2/,
    nearMiss: [failure(), undefined],
  },
  "proposal-mismatch": {
    shows: {
      ...both("other-ike-proposal"),
      "CHILD_SA, IKEv1": both("other-esp-proposal").IKEv1 ?? failure(),
      "CHILD_SA, IKEv2": both("other-esp-proposal").IKEv2 ?? failure(),
    },
    says: /34\.203\.187\.158 takes none of the offered proposals/,
    nearMiss: [failure(without("ikev1-other-ike-proposal", /NO_PROP/)), "unknown"],
  },
  "authentication-refused": {
    shows: { ...both("other-identity"), "wrong PSK, IKEv2": failure(said("ikev2-wrong-psk")) },
    says: /refuses this gateway's identity or PSK/,
    nearMiss: [failure(without("ikev2-other-identity", /AUTH\w*_FAILED/)), "unknown"],
  },
  "wrong-psk": {
    shows: {
      IKEv1: failure(said("ikev1-wrong-psk")),
      "none at all, IKEv1": failure(said("ikev1-no-psk")),
      "none at all, IKEv2": failure(said("ikev2-no-psk")),
      // Words of charon's source: this gateway refuses, and then tells the other side so.
      "the other side's is wrong, IKEv1": failure({
        words: "establishing CHILD_SA 'vpn1' failed",
        lines: ["calculated HASH does not match HASH payload", "generating INFORMATIONAL_V1 request 12 [ HASH N(AUTH_FAILED) ]"],
      }),
      "the other side's is wrong, IKEv2": failure({
        words: "establishing CHILD_SA 'vpn1' failed",
        lines: [
          "tried 1 shared key for '172.16.0.2' - '34.203.187.158', but MAC mismatched",
          "generating INFORMATIONAL request 2 [ N(AUTH_FAILED) ]",
        ],
      }),
    },
    says: /PSK is not the one that 34\.203\.187\.158 has/,
    nearMiss: [failure(without("ikev1-wrong-psk", /decrypt/)), "no-answer-4500"],
  },
  "selector-mismatch": {
    shows: both("other-selectors"),
    says: /does not take these networks/,
    nearMiss: [failure(without("ikev1-other-selectors", /INVAL/)), "unknown"],
  },
  "no-answer-4500": {
    shows: both("silent-4500"),
    says: /answers on UDP 500 but not on UDP 4500/,
    nearMiss: [
      failure({
        ...said("ikev1-silent-4500"),
        lines: [...said("ikev1-silent-4500").lines, "received packet: from 192.0.2.17[4500] to 203.0.113.10[4500] (92 bytes)"],
      }),
      "unknown",
    ],
  },
  "no-answer-500": {
    shows: both("silent-500"),
    says: /does not answer on UDP 500/,
    nearMiss: [failure(without("ikev1-silent-500", /retransmit/)), "unknown"],
  },
  "provider-down": {
    shows: { "while charon tells nothing": failure({ providerStatus: "DOWN", providerMessage: "IPSEC IS DOWN" }) },
    says: /Heroku itself says DOWN: IPSEC IS DOWN/,
    nearMiss: [failure({ ...said("ikev1-silent-500"), providerStatus: "DOWN" }), "no-answer-500"],
  },
};

describe("the reasons why a tunnel is down", () => {
  it.each([
    ["short of charon's first retransmission, after 3 s without an answer", 3054, "no-answer-500"],
    ["at once", 120, "unknown"],
  ])("of a try that was given up %s", (_when, ms, code) => {
    const lines = [...failure(without("ikev1-silent-500", /retransmit/)).lines, lastedLine(ms)];
    expect(reasonOf(failure({ words: "establishing CHILD_SA 'vpn1' failed", lines }))?.code).toBe(code);
  });

  it("each have a case here", () => {
    expect(Object.keys(CASES).sort()).toEqual(REASONS.map(({ code }) => code).sort());
  });

  describe.each(Object.entries(CASES))("%s", (code, { shows, says, nearMiss: [near, instead] }) => {
    it.each(Object.entries(shows))("is recognised: %s", (_name, known) => {
      const reason = reasonOf(known);
      expect(reason?.code).toBe(code);
      expect(reason?.text).toMatch(says);
      expect(reason?.fix).toMatch(/\w{3}.*[.;]/);
    });

    it("is not claimed by the nearest other failure", () => {
      expect(reasonOf(near)?.code).toBe(instead);
    });
  });

  describe("in the typed alerts of strongSwan 6", () => {
    const told = (types: readonly string[], lines: readonly string[] = []) =>
      reasonOf(failure({ words: "establishing CHILD_SA 'vpn1' failed", lines: [...lines, ...types.map(alertLine)] }))?.code;

    it.each([
      ["proposal-mismatch-ike", "proposal-mismatch"],
      ["proposal-mismatch-child", "proposal-mismatch"],
      ["local-auth-failed", "authentication-refused"],
      ["peer-auth-failed", "wrong-psk"],
      ["parse-error-body", "wrong-psk"],
      ["ts-mismatch", "selector-mismatch"],
      ["peer-init-unreachable", "no-answer-500"],
      ["retransmit-send-timeout", "no-answer-500"],
      ["retransmit-send", "no-answer-500"],
    ])("%s is %s", (type, code) => {
      expect(told([type])).toBe(code);
    });

    it.each(["retransmit-send-cleared", "invalid-ike-spi", "ts-narrowed", "unique-replace", "an-alert-of-tomorrow"])(
      "%s tells no reason",
      (type) => {
        expect(told([type])).toBe("unknown");
      },
    );

    it("count for less than the lines that say more", () => {
      expect(told(["local-auth-failed"], ["no shared key found for '203.0.113.10' - '34.203.187.158'"])).toBe("wrong-psk");
      expect(told(["peer-auth-failed"], ["IDir '192.0.2.21' does not match to '192.0.2.99'"])).toBe("unknown");
      expect(told(["retransmit-send"], ["received packet: from 34.203.187.158[500] to 203.0.113.10[500] (40 bytes)"])).toBe(
        "unknown",
      );
    });
  });

  it("are none before a first failure", () => {
    expect(reasonOf(failure())).toBeNull();
    expect(reasonOf(failure({ providerStatus: "" }))).toBeNull();
  });

  it("are charon's own words for what is not known", () => {
    expect(reasonOf(failure(said("ikev1-own-other-identity")))).toMatchObject({
      code: "unknown",
      text: expect.stringContaining("ikev1-own-other-identity"),
    });
  });

  it.each(["ikev1-up", "ikev2-up"])("are none in what charon says of a tunnel that comes up (%s)", (name) => {
    expect(said(name).lines.length).toBeGreaterThan(10);
    expect(reasonOf(failure(said(name)))).toBeNull();
  });

  it("never show a PSK", () => {
    const captures = readdirSync(FIXTURES).map((file) => file.replace(".txt", ""));
    const shown = captures.map((name) => JSON.stringify(reasonOf(failure(said(name))))).join("\n");
    expect(shown).not.toMatch(/abcdef12345|another-psk/);
  });
});
