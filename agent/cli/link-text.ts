import { formatDuration } from "../lib/duration.ts";
import type { LinkHealth, LinkProof, LinkStatus } from "../model/privatelink.ts";
import { plain, type Screen, wrap } from "./screen.ts";
import { type Verdict, verdictText } from "./status-parts.ts";

const HEALTH: Readonly<Record<LinkHealth, Verdict>> = {
  ok: { symbol: "+", word: "ok", style: "green" },
  degraded: { symbol: "!", word: "degraded", style: "yellow" },
  down: { symbol: "x", word: "down", style: "red" },
  starting: { symbol: "~", word: "starting", style: "yellow" },
  provisioning: { symbol: "~", word: "being made", style: "yellow" },
};

/** Of an agent of another version. */
const UNKNOWN: Verdict = { symbol: "?", word: "not known", style: "yellow" };

const LEADS = {
  endpoint: "its name leads through the endpoint",
  internet: "its name leads over the internet",
  nowhere: "its name leads nowhere",
} as const;

const proofFacts = (proof: LinkProof | null): string[] => {
  if (!proof) return ["not proven yet"];
  const { said, rttMs, dns } = proof;
  return [LEADS[dns], ...(rttMs === null ? [] : [`connected in ${rttMs.toFixed(1)} ms`]), ...(said === "" ? [] : [said])];
};

/** What the link leads to, as its owner named it. */
export const linkTarget = ({ target }: Pick<LinkStatus, "target">): string =>
  target.kind === "heroku" ? `${target.app}/${target.addon}` : target.serviceName;

const sides = ({ herokuStatus, endpointId, endpointState, port }: LinkStatus): string[] => [
  ...(herokuStatus === "" ? [] : [`Heroku says ${herokuStatus}`]),
  endpointId === "" ? "no endpoint yet" : `${endpointId} ${endpointState}`,
  `port ${port}`,
];

/** One link: its state, both sides, what was proven. Why it is not well is told by its warnings. */
export const linkLines = (screen: Screen, link: LinkStatus, now: number): string[] => {
  const verdict = HEALTH[link.status] ?? UNKNOWN;
  const facts = [`for ${formatDuration(now - link.since)}`, linkTarget(link), ...sides(link), ...proofFacts(link.proof)];
  return [
    "",
    wrap(screen, "", `PrivateLink ${plain(link.name)}  ${verdictText(screen, verdict)}`),
    wrap(screen, "  ", plain(facts.join("; "))),
  ];
};
