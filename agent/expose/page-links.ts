import type { LinkHealth, LinkProof, LinkStatus } from "../model/privatelink.ts";
import type { Status } from "../model/status.ts";
import { age, milliseconds } from "./page-words.ts";

/** One declared PrivateLink as the page shows it. */
export interface ShownLink {
  readonly name: string;
  readonly status: LinkHealth;
  readonly glyph: string;
  readonly words: string;
  readonly target: string;
  readonly heroku: string;
  readonly endpoint: string;
  readonly way: string;
  readonly proof: string;
  readonly since: string;
}

const WORDS: Readonly<Record<LinkHealth, string>> = {
  ok: "carries",
  degraded: "carries, not as it should",
  down: "carries nothing",
  starting: "not looked at yet",
  provisioning: "is being made",
};

const WAYS = { endpoint: "through the endpoint", internet: "over the internet", nowhere: "nowhere" } as const;

const proofWords = (proof: LinkProof | null): string => {
  if (!proof) return "–";
  const { said, rttMs, tcp } = proof;
  const rtt = rttMs === null ? "" : milliseconds(rttMs);
  if (said !== "") return rtt === "" ? said : `${said}, ${rtt}`;
  if (tcp === null) return "–";
  return tcp ? "no answer after the connection" : "no connection";
};

const shownLink = (link: LinkStatus, now: number): ShownLink => {
  const { name, status, target, herokuStatus, endpointId, endpointState, proof, since } = link;
  return {
    name,
    status,
    glyph: status === "provisioning" ? "starting" : status,
    words: WORDS[status] ?? status,
    target: target.kind === "heroku" ? `${target.app}/${target.addon}` : target.serviceName,
    heroku: target.kind === "heroku" ? herokuStatus || "–" : "–",
    endpoint: endpointId === "" ? "none yet" : `${endpointId} ${endpointState}`,
    way: proof ? WAYS[proof.dns] : "–",
    proof: proofWords(proof),
    since: age(since, now),
  };
};

export const shownLinks = ({ privatelinks = [], at }: Status): ShownLink[] => privatelinks.map((link) => shownLink(link, at));
