import { type Cidr, cidrContains, cidrsOverlap, isPrivateBlock, mayBePublic, parseCidr } from "../lib/ip.ts";
import { quoted } from "../lib/text.ts";
import type { SpaceLimits, Wanted } from "./heroku-vpn.ts";

/** One value that would not work, and what would. */
export interface Unfit {
  readonly option: "--ip" | "--cidrs";
  /** A sentence about the value. */
  readonly text: string;
  /** What would be right. */
  readonly right: string;
}

/** Every Private Space keeps it for itself. Source: Dev Center, "Private Space VPN Connections", Constraints. */
const DOCKER = "172.17.0.0/16";

const EXAMPLES = ["172.16.0.0/16", "192.168.0.0/16", "172.20.0.0/16", "10.20.0.0/16", "10.100.0.0/16"];

const blocksOf = (texts: readonly string[]): Cidr[] => texts.flatMap((text) => parseCidr(text) ?? []);

const toText = (base: number, bits: number): string =>
  `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${bits}`;

/** "172.16.0.1/16" as it must be written, 172.16.0.0/16; undefined for what is no block at all. */
const canonical = (text: string): string | undefined => {
  const [address = "", bitsText = ""] = text.split("/");
  const host = parseCidr(`${address}/32`);
  const bits = Number(bitsText);
  if (!host || !/^\d{1,2}$/.test(bitsText) || bits > 32) return undefined;
  return toText(host.base - (host.base % 2 ** (32 - bits)), bits);
};

/** What is left of a block without the others, as few blocks as possible; from the lowest address on. */
export const without = (block: Cidr, others: readonly Cidr[]): Cidr[] => {
  const touching = others.filter((other) => cidrsOverlap(other, block));
  if (touching.length === 0) return [block];
  if (touching.some((other) => cidrContains(other, block))) return [];
  const bits = block.bits + 1;
  const halves = [block.base, block.base + 2 ** (32 - bits)].map((base) => ({ text: toText(base, bits), base, bits }));
  return halves.flatMap((half) => without(half, touching));
};

const freeExample = (taken: readonly Cidr[]): string =>
  EXAMPLES.find((text) => blocksOf([text]).every((block) => !taken.some((other) => cidrsOverlap(other, block)))) ??
  "192.168.0.0/16";

const insteadOf = (block: Cidr, taken: readonly Cidr[]): string => {
  const left = without(block, taken).map(({ text }) => text);
  if (left.length === 0) return `give the local network another block, such as ${freeExample(taken)}`;
  const shown = left.length > 12 ? [...left.slice(0, 12), "…"] : left;
  return `leave that part out: ${shown.join(",")}`;
};

interface Taken {
  readonly block: Cidr;
  readonly by: string;
}

const takenBlocks = ({ spaceBlocks, unavailable }: SpaceLimits, inUse: readonly string[]): Taken[] => [
  ...blocksOf(spaceBlocks).map((block) => ({ block, by: `the space's own block ${block.text}` })),
  ...blocksOf(unavailable)
    // What the connection routes now is in use by itself.
    .filter(({ text }) => !inUse.includes(text))
    .map((block) => ({ block, by: `${block.text}, which the space cannot reach (peering-info: unavailable_cidr_blocks)` })),
  ...blocksOf([DOCKER]).map((block) => ({ block, by: `${block.text}, which every Private Space keeps for itself` })),
];

const unfitBlock = (text: string, earlier: readonly string[], taken: readonly Taken[]): Unfit | undefined => {
  const unfit = (problem: string, right: string): Unfit => ({ option: "--cidrs", text: `${quoted(text)} ${problem}`, right });
  const all = taken.map(({ block }) => block);
  const block = parseCidr(text);
  const whole = block ? undefined : canonical(text);
  if (whole !== undefined) return unfit("does not begin at its block's first address", `write ${whole}`);
  if (!block) return unfit("is no IPv4 block", `write blocks such as ${freeExample(all)}, separated by commas`);
  if (!isPrivateBlock(block))
    return unfit(
      "is not within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918), and Heroku routes nothing else",
      `name the private blocks of the local network, such as ${freeExample(all)}`,
    );
  const conflict = taken.find((other) => cidrsOverlap(other.block, block));
  if (conflict) return unfit(`overlaps ${conflict.by}`, insteadOf(block, all));
  const other = blocksOf(earlier).find((before) => cidrsOverlap(before, block));
  if (!other) return undefined;
  const wider = cidrContains(block, other) ? block.text : other.text;
  return unfit(`overlaps ${other.text}, which is named too`, `name the wider one alone: ${wider}`);
};

/**
 * Everything that would not work about a connection that is to be made. `inUse`: blocks that the same connection routes
 * today, when it is only made anew.
 */
export const preflight = ({ publicIp, routableCidrs }: Wanted, limits: SpaceLimits, inUse: readonly string[] = []): Unfit[] => {
  const taken = takenBlocks(limits, inUse);
  const address: Unfit[] = mayBePublic(publicIp)
    ? []
    : [
        {
          option: "--ip",
          text: `${quoted(publicIp)} is not a public IPv4 address`,
          right: "give the static address under which the internet sees this gateway (on EC2 its Elastic IP)",
        },
      ];
  const none: Unfit[] =
    routableCidrs.length > 0
      ? []
      : [{ option: "--cidrs", text: "no block is named", right: "name at least one, such as 172.16.0.0/16" }];
  const blocks = routableCidrs.flatMap((text, place) => unfitBlock(text, routableCidrs.slice(0, place), taken) ?? []);
  return [...address, ...none, ...blocks];
};
