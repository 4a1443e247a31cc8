import { CHECKS } from "../check/checks.ts";
import type { CodePage } from "../cli/explain-text.ts";
import { ANSWERS_LOST, DRAINED, type Failure, NOTHING_BACK, REASONS, reasonOf } from "../health/reasons.ts";
import { WARNINGS } from "../health/warnings.ts";
import { formatDuration } from "../lib/duration.ts";
import { ERROR_CODES } from "../lib/error-codes.ts";

/** A failure whose values are words for them. */
const ANY: Failure = {
  words: "",
  lines: [],
  remote: "the VPN gateway",
  local: "local.address",
  providerStatus: "DOWN",
  providerMessage: "",
  hasLocalAddress: true,
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const errors: readonly CodePage[] = Object.entries(ERROR_CODES).map(([code, { meaning, advice }]) => ({
  code,
  kind: "error",
  meaning,
  advice,
  facts: "",
}));

const ABOUT = {
  host: "for the host",
  connection: "for each connection",
  tunnel: "for each tunnel",
  link: "for each PrivateLink",
} as const;

const warnings: readonly CodePage[] = WARNINGS.map(({ code, title, severity, about, advice, visibleAfterMs, dependsOn }) => ({
  code,
  kind: "warning",
  meaning: `${title}.`,
  advice,
  facts: [
    `Severity: ${severity}, ${ABOUT[about]}, shown ${visibleAfterMs === 0 ? "at once" : `after ${formatDuration(visibleAfterMs)}`}.`,
    ...(dependsOn.length > 0 ? [`Not shown while it follows from ${dependsOn.join(" or ")}.`] : []),
  ].join(" "),
}));

const unknown = reasonOf({
  ...ANY,
  providerStatus: "UP",
  words: "None of the other reasons fits what charon said; its own words are shown.",
});

const reasons: readonly CodePage[] = [
  ...REASONS.map(({ code, text, fix }) => ({ code, text: text(ANY), fix })),
  NOTHING_BACK,
  ANSWERS_LOST,
  DRAINED,
  ...(unknown ? [unknown] : []),
].map(({ code, text, fix }) => ({ code, kind: "reason", meaning: sentence(text), advice: fix, facts: "" }));

const checks: readonly CodePage[] = CHECKS.map(({ code, title, group }) => ({
  code,
  kind: "check",
  meaning: `Passes when this holds: ${title}.`,
  advice: "Run `spacegate check`: it names what is wrong and the fix.",
  facts: `Group: ${group}.`,
}));

/** Every stable code that a message, the API or a metric may show. */
export const CODE_PAGES: readonly CodePage[] = [...errors, ...warnings, ...reasons, ...checks];
