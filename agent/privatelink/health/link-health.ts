import type { ErrorCode } from "../../lib/error-codes.ts";
import type { Endpoint, LinkHealth, LinkProof, LinkStatus, LinkWanted } from "../../model/privatelink.ts";
import type { Trouble } from "../../model/trouble.ts";
import { type LinkTroubleCode, troubleCode } from "./trouble-codes.ts";

/** What is known of one declared link. Times are milliseconds since the epoch. */
export interface LinkKnown {
  readonly wanted: LinkWanted;
  /** A pass has finished, well or not. */
  readonly looked: boolean;
  readonly herokuStatus: string;
  readonly serviceName: string;
  readonly endpoint: Pick<Endpoint, "id" | "state"> | undefined;
  /** What AWS or the plan has against it, and what the newest pass failed with. */
  readonly problems: readonly (Trouble & { readonly code: ErrorCode; readonly blocking: boolean })[];
  /** In words; "" when nothing is waited for. */
  readonly waitingFor: string;
  readonly proof: LinkProof | null;
  /** Proofs in a row that failed. */
  readonly misses: number;
  /** Since the agent started. */
  readonly hasCarried: boolean;
  /** Since when its endpoint is available; null while it is not. */
  readonly availableAt: number | null;
  readonly now: number;
}

type LinkTrouble = Trouble & { readonly code: LinkTroubleCode };

/** One proof may be lost to a failover of the service's. */
const MISSES = 2;

/** A new endpoint's name and interfaces come into force some minutes after its state says available. */
const NEW_MS = 10 * 60_000;

const DAY_MS = 86_400_000;
const EXPIRING_DAYS = 14;

const isAvailable = ({ endpoint }: LinkKnown): boolean => endpoint?.state.toLowerCase() === "available";

const isNew = ({ hasCarried, availableAt, now }: LinkKnown): boolean =>
  !hasCarried && availableAt !== null && now - availableAt < NEW_MS;

/**
 * A link in one word. Only a proof says ok, but for gateway endpoints. Heroku or AWS not answering takes nothing from a link that carries; something that is
 * declared and cannot be brought about makes it degraded, or down when it does not carry either.
 */
export const linkHealth = (known: LinkKnown): LinkHealth => {
  const { looked, problems, proof, misses } = known;
  if (!looked) return "starting";
  const isBlocked = problems.some(({ blocking }) => blocking);
  if (proof?.trouble === null) return isBlocked || proof.silent.length > 0 ? "degraded" : "ok";
  if (isBlocked && !(isAvailable(known) && known.hasCarried)) return "down";
  // Nothing answers for a gateway endpoint by itself: AWS's word is all there is.
  if (known.wanted.type === "Gateway" && isAvailable(known)) return "ok";
  if (!isAvailable(known)) return known.hasCarried && misses >= MISSES ? "down" : "provisioning";
  if (proof === null || isNew(known)) return "provisioning";
  return misses >= MISSES ? "down" : "degraded";
};

const proofCode = ({ dns }: LinkProof): LinkTroubleCode => {
  if (dns === "endpoint") return "link-down";
  return dns === "internet" ? "link-dns-internet" : "link-dns-nowhere";
};

const ofProof = (known: LinkKnown): LinkTrouble[] => {
  const { proof, misses } = known;
  if (!proof || !isAvailable(known)) return [];
  if (proof.trouble) return misses >= MISSES && !isNew(known) ? [{ code: proofCode(proof), ...proof.trouble }] : [];
  if (proof.silent.length === 0) return [];
  return [
    {
      code: "link-address-silent",
      text: `${proof.silent.join(", ")} of ${proof.hostname} takes no connection, so that some clients wait or fail.`,
      fix: "See the endpoint's network interface in that zone and its subnet's network ACL; the service may have no target there.",
    },
  ];
};

const ofCertificate = ({ proof, now }: LinkKnown): LinkTrouble[] => {
  const expiresAt = proof?.certificateExpiresAt ?? null;
  if (expiresAt === null || expiresAt - now > EXPIRING_DAYS * DAY_MS) return [];
  const days = Math.ceil((expiresAt - now) / DAY_MS);
  const when = days <= 0 ? "has expired" : `expires in ${days === 1 ? "a day" : `${days} days`} at most`;
  const text = `The far end's certificate ${when}.`;
  const fix = "Its owner renews it: for a data service of Heroku's open a ticket, unless its clients do not check certificates.";
  return [{ code: "link-certificate-expiring", text, fix }];
};

const ofWaiting = (known: LinkKnown): LinkTrouble[] => {
  const { waitingFor, endpoint, problems } = known;
  if (waitingFor === "" || problems.some(({ blocking }) => blocking)) return [];
  if (endpoint?.state.toLowerCase() === "pendingacceptance")
    return [
      {
        code: "link-acceptance-pending",
        text: `Waiting for ${waitingFor}.`,
        fix: "Heroku accepts by itself within 10 minutes an account that it lets in; of another service ask the owner.",
      },
    ];
  const fix = "Heroku and AWS take 5 to 10 minutes each; when it never ends, see both sides' states in `spacegate status`.";
  return [{ code: "link-provisioning-long", text: `Waiting for ${waitingFor}.`, fix }];
};

/** What stands in the way now, the most telling first. */
export const linkTroubles = (known: LinkKnown): readonly LinkTrouble[] => [
  ...known.problems.map(({ code, text, fix }) => ({ code: troubleCode(code), text, fix })),
  ...ofProof(known),
  ...ofWaiting(known),
  ...ofCertificate(known),
];

/** The link in the status snapshot. `before`: the newest one that was made of it. */
export const linkStatus = (known: LinkKnown, before: LinkStatus | undefined): LinkStatus => {
  const { wanted, endpoint, now } = known;
  const status = linkHealth(known);
  return {
    name: wanted.name,
    status,
    target: wanted.target,
    protocol: wanted.protocol,
    port: wanted.port,
    region: wanted.region,
    herokuStatus: known.herokuStatus,
    serviceName: known.serviceName,
    endpointId: endpoint?.id ?? "",
    endpointState: endpoint?.state ?? "",
    since: before?.status === status ? before.since : now,
    proof: known.proof,
    troubles: linkTroubles(known),
  };
};
