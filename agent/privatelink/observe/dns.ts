import { Resolver } from "node:dns/promises";
import { errnoOf } from "../../lib/errors.ts";
import { addressWithin, mayBePublic } from "../../lib/ip.ts";
import { oneLine } from "../../lib/text.ts";
import type { DnsVerdict } from "../../model/privatelink.ts";
import type { Trouble } from "../../model/trouble.ts";

/** What a name server said: addresses, none ("ENOTFOUND", "ENODATA"), or nothing that tells ("ETIMEOUT", "ESERVFAIL", …). */
export interface DnsAnswer {
  readonly addresses: readonly string[];
  /** c-ares' code; "" when there are addresses. */
  readonly failure: string;
}

export type Resolve = (hostname: string, signal: AbortSignal) => Promise<DnsAnswer>;

const TRY_MS = 1000;
const TRIES = 2;
/** A name with more addresses is not an endpoint's: it has one in each zone. */
const MAX_ADDRESSES = 16;

/**
 * Asks the host's name servers (or `servers`, as "address:port") for IPv4 addresses. Not through the C library: it cannot be
 * stopped while it waits. Rejects with the signal's reason only.
 */
export const resolverOf =
  (servers?: readonly string[]): Resolve =>
  async (hostname, signal) => {
    signal.throwIfAborted();
    // A new one each time: it reads /etc/resolv.conf anew.
    const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
    if (servers) resolver.setServers(servers);
    const stop = (): void => resolver.cancel();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const addresses = await resolver.resolve4(hostname);
      return { addresses: [...new Set(addresses)].sort().slice(0, MAX_ADDRESSES), failure: "" };
    } catch (thrown) {
      signal.throwIfAborted();
      return { addresses: [], failure: errnoOf(thrown) ?? "EUNKNOWN" };
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };

/**
 * Which way the addresses lead. One that is outside is enough for a verdict: clients take any of them. `inside`: the blocks that
 * the endpoint has its addresses in.
 */
export const dnsVerdict = (addresses: readonly string[], inside: readonly string[]): DnsVerdict => {
  const outside = addresses.filter((address) => addressWithin([address], inside) === undefined);
  if (addresses.length > 0 && outside.length === 0) return "endpoint";
  return outside.some(mayBePublic) ? "internet" : "nowhere";
};

/** Whose name is asked for: the endpoint's own, or the service's, which leads to the endpoint with private DNS only. */
export type NameOwner = "endpoint" | "service";

const PRIVATE_DNS_FIX =
  "Set private_dns: true, with enableDnsHostnames and enableDnsSupport on the VPC, or use the endpoint's own name, which always leads through it.";
const RESOLVER_FIX =
  "See that this host asks the VPC's own resolver (the VPC's base address plus two, or 169.254.169.253) and that it answers.";

const internetTrouble = (hostname: string, outside: string, owner: NameOwner, privateDns: boolean): Trouble =>
  owner === "service"
    ? {
        text: `${hostname} leads to ${outside}, over the internet and not through the endpoint${privateDns ? ", although private DNS is on" : ": private DNS is off"}.`,
        fix: privateDns
          ? `Private DNS needs enableDnsHostnames and enableDnsSupport on the VPC. ${RESOLVER_FIX}`
          : PRIVATE_DNS_FIX,
      }
    : {
        text: `${hostname} leads to ${outside}, outside the VPC, although it is the endpoint's own name.`,
        fix: RESOLVER_FIX,
      };

const nowhereTrouble = (hostname: string, { addresses, failure }: DnsAnswer, owner: NameOwner, privateDns: boolean): Trouble => {
  const withoutPrivateDns = owner === "service" && !privateDns;
  if (failure === "ENOTFOUND" || failure === "ENODATA")
    return {
      text: `${hostname} has no address.`,
      fix: withoutPrivateDns ? PRIVATE_DNS_FIX : `A new endpoint's name takes some minutes to be known. ${RESOLVER_FIX}`,
    };
  if (failure !== "") return { text: `The name servers do not answer for ${hostname}: ${oneLine(failure)}.`, fix: RESOLVER_FIX };
  return {
    text: `${hostname} leads to ${addresses.join(", ")}, which is not in this VPC: nothing answers there through the endpoint.`,
    fix: withoutPrivateDns ? PRIVATE_DNS_FIX : RESOLVER_FIX,
  };
};

/**
 * The table of what a name leads to, in words: the endpoint's own name always leads through the endpoint; the service's does so
 * with private DNS on, and else over the internet from a public subnet and nowhere from a private one. null: through the endpoint.
 */
export const dnsTrouble = (
  hostname: string,
  answer: DnsAnswer,
  inside: readonly string[],
  owner: NameOwner,
  privateDns: boolean,
): Trouble | null => {
  const verdict = dnsVerdict(answer.addresses, inside);
  if (verdict === "endpoint") return null;
  if (verdict === "nowhere") return nowhereTrouble(hostname, answer, owner, privateDns);
  const outside = answer.addresses.filter((address) => addressWithin([address], inside) === undefined).join(", ");
  return internetTrouble(hostname, outside, owner, privateDns);
};
