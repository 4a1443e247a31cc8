import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Nft } from "../lib/nft.ts";
import {
  type Count,
  FIREWALL_COUNTERS,
  FIREWALL_TABLE,
  type FirewallCounter,
  type FirewallCounts,
  type ObservedFirewall,
} from "../model/firewall.ts";

const COUNTER = /^\tcounter (\w+) \{\n(?:\t\tcomment .*\n)?\t\tpackets (\d+) bytes (\d+)$/gm;
const COUNTS = /\bpackets \d+ bytes \d+/g;

const isKnown = (name: string): name is FirewallCounter => Object.hasOwn(FIREWALL_COUNTERS, name);

/** What `nft list table` prints, parted into what stays and what counts. */
export const parseListing = (text: string): { readonly listing: string; readonly counts: FirewallCounts } => {
  const counts: Partial<Record<FirewallCounter, Count>> = {};
  for (const [, name = "", packets, bytes] of text.matchAll(COUNTER))
    if (isKnown(name)) counts[name] = { packets: Number(packets), bytes: Number(bytes) };
  return { listing: text.replaceAll(COUNTS, "packets bytes"), counts };
};

/** The agent's table as it is in the kernel; `before`: its newest counts. Never rejects: what cannot be known says why. */
export const observeFirewall = async (nft: Nft, before: FirewallCounts): Promise<ObservedFirewall> => {
  try {
    const text = await nft.list(FIREWALL_TABLE);
    return text === undefined ? { kind: "absent", counts: before } : { kind: "present", ...parseListing(text) };
  } catch (thrown) {
    const fix = thrown instanceof SpacegateError ? thrown.fix : "Look at what `nft list tables` says.";
    return { kind: "unknown", text: messageOf(thrown), fix };
  }
};
