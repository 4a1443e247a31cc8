import { lastedMs } from "../model/attempt-line.ts";
import { LOCAL_ADDRESS_GONE } from "../model/local-address.ts";
import { NO_ANSWER_500, NO_ANSWER_4500 } from "../model/no-answer.ts";
import type { Reason } from "../model/status.ts";

/** What is known about a tunnel that does not come up. */
export interface Failure {
  /** VICI's own words. */
  readonly words: string;
  /** charon's log lines about the newest try, oldest first; between them its alerts, as alertLine writes them. */
  readonly lines: readonly string[];
  readonly remote: string;
  readonly local: string;
  readonly providerStatus: string;
  readonly providerMessage: string;
  /** False when this host no longer has the address that the tunnel starts from. */
  readonly hasLocalAddress: boolean;
}

/**
 * A typed alert of strongSwan 6.0.3 or newer among the log lines. The types are listed in its
 * src/libcharon/plugins/vici/README.md.
 */
export const alertLine = (type: string): string => `alert: ${type}`;

interface ReasonSpec {
  readonly code: string;
  readonly matches: (failure: Failure, seen: (pattern: RegExp) => boolean) => boolean;
  readonly text: (failure: Failure) => string;
  readonly fix: string;
}

const SENT_4500 = /sending packet: .*\[4500\]/;
const RECEIVED_4500 = /received packet: .*\[4500\]/;
const RECEIVED = /received packet: /;
const RETRANSMIT = /retransmit \d+ of request|^alert: (peer-init-unreachable|retransmit-send(-timeout)?)$/;
/** An answer takes one round trip; after so long none is on its way, milliseconds. */
const PATIENCE_MS = 2000;

const BEGUN = /initiating |sending packet: /;

/** A try that was ended early has not waited for an answer, nor has one that has not begun. */
const waited = (lines: readonly string[]): boolean =>
  lines.some((line) => RETRANSMIT.test(line)) ||
  (lines.some((line) => BEGUN.test(line)) && lines.some((line) => (lastedMs(line) ?? 0) >= PATIENCE_MS));

/** charon says the same of a PSK that it does not have and of an identity that it did not expect. */
const NO_OWN_PSK = /no shared key found/;
const OTHER_IDENTITY = /ID\w+ '.*' does not match to/;

/** The declared list of reasons, the most telling first. */
export const REASONS: readonly ReasonSpec[] = [
  {
    code: LOCAL_ADDRESS_GONE.code,
    matches: ({ hasLocalAddress }) => !hasLocalAddress,
    text: ({ local }) => LOCAL_ADDRESS_GONE.text(local),
    fix: LOCAL_ADDRESS_GONE.fix,
  },
  {
    code: "proposal-mismatch",
    matches: (_failure, seen) =>
      seen(/NO_PROPOSAL_CHOSEN|no acceptable .*proposal|NO_PROP\b|^alert: proposal-mismatch-(ike|child)$/),
    text: ({ remote }) => `${remote} takes none of the offered proposals.`,
    fix: "Set connections[].proposals to what the VPN gateway offers; aes256-sha256-modp2048 is the documented one.",
  },
  {
    code: "authentication-refused",
    // Only what came in: when this gateway refuses the other side it sends the same word.
    matches: (_failure, seen) =>
      seen(/received AUTHENTICATION_FAILED|parsed .*AUTH_FAILED/) || (seen(/^alert: local-auth-failed$/) && !seen(NO_OWN_PSK)),
    text: ({ remote }) => `${remote} refuses this gateway's identity or PSK.`,
    fix: "Compare the PSK's fingerprint in `spacegate plan` with Heroku's current details; a connection that was created anew has a new PSK.",
  },
  {
    code: "wrong-psk",
    matches: (_failure, seen) =>
      seen(
        /invalid HASH_V1 payload length, decryption failed|could not decrypt payloads|calculated HASH does not match|tried \d+ shared keys? .*but MAC mismatched|integrity check failed|no shared key found|PAYLOAD_MALFORMED|^alert: parse-error-body$/,
      ) ||
      (seen(/^alert: peer-auth-failed$/) && !seen(OTHER_IDENTITY)),
    text: ({ remote }) => `The PSK is not the one that ${remote} has: its answers cannot be decrypted.`,
    fix: "Fetch the details again: systemctl reload spacegate (SIGHUP). If they are older than the tunnel, destroy and create the VPN connection: `spacegate vpn rotate`.",
  },
  {
    code: "selector-mismatch",
    matches: (_failure, seen) =>
      seen(
        /INVALID_ID_INFORMATION|TS_UNACCEPTABLE|no matching CHILD_SA config|traffic selectors .* unacceptable|^alert: ts-mismatch$/,
      ),
    text: ({ remote }) => `${remote} does not take these networks: local.subnets or the space's block differ from what it has.`,
    fix: "local.subnets must be within the connection's routable_cidrs, and the space's block as Heroku says.",
  },
  {
    code: NO_ANSWER_4500.code,
    matches: ({ lines }, seen) => waited(lines) && seen(SENT_4500) && seen(RECEIVED) && !seen(RECEIVED_4500),
    text: ({ remote }) => NO_ANSWER_4500.text(remote),
    fix: NO_ANSWER_4500.fix,
  },
  {
    code: NO_ANSWER_500.code,
    matches: ({ lines }, seen) => waited(lines) && !seen(RECEIVED),
    text: ({ remote }) => NO_ANSWER_500.text(remote),
    fix: NO_ANSWER_500.fix,
  },
  {
    code: "provider-down",
    matches: ({ providerStatus }) => providerStatus !== "" && providerStatus !== "UP",
    text: ({ providerStatus, providerMessage }) =>
      `Heroku itself says ${providerStatus}${providerMessage === "" ? "" : `: ${providerMessage}`}.`,
    fix: "During maintenance wait: the other tunnel carries. If it lasts, ask Heroku's support.",
  },
];

/** What the agent knows by itself, whatever charon says. */
export const NOTHING_BACK: Reason = {
  code: "no-replies",
  text: "The CHILD_SA is installed, but nothing comes back through it.",
  fix: "Make sure that probe.target answers from the space; if it does, the way between the gateways drops ESP (UDP 4500 or protocol 50).",
};

export const ANSWERS_LOST: Reason = {
  code: "answers-lost",
  text: "It is kept down for now: while it is up the far end answers through it, and those answers do not arrive.",
  fix: "IKE passes and ESP does not: let protocol 50 (UDP 4500 behind NAT) pass between the gateways. The agent tries again by itself.",
};

export const DRAINED: Reason = {
  code: "drained",
  text: "It is closed on purpose: somebody ran `spacegate drain` for maintenance.",
  fix: "`spacegate drain --cancel` brings it back, and so does `systemctl restart spacegate`.",
};

/** Why a tunnel does not come up, as far as its failure tells; null before a first failure. */
export const reasonOf = (failure: Failure): Reason | null => {
  const seen = (pattern: RegExp): boolean => failure.lines.some((line) => pattern.test(line)) || pattern.test(failure.words);
  const spec = REASONS.find(({ matches }) => matches(failure, seen));
  if (spec) return { code: spec.code, text: spec.text(failure), fix: spec.fix };
  if (failure.words === "") return null;
  return { code: "unknown", text: failure.words, fix: "charon's log tells more: journalctl -u strongswan-starter" };
};
