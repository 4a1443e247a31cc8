import ipaddr from "ipaddr.js";

/** An IPv4 block as numbers; `text` is its canonical form ("10.0.0.0/16"). */
export interface Cidr {
  readonly text: string;
  readonly base: number;
  readonly bits: number;
}

const toNumber = (address: ipaddr.IPv4): number => address.octets.reduce((sum, octet) => sum * 256 + octet, 0);

/** Strictly dotted-quad: no octal, no hexadecimal, no short forms. */
export const isIPv4 = (text: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(text);

const size = (bits: number): number => 2 ** (32 - bits);

/** The block written as "a.b.c.d/n" with its host bits zero; undefined for anything else. */
export const parseCidr = (text: string): Cidr | undefined => {
  const [address, bitsText, ...rest] = text.split("/");
  if (!address || !bitsText || rest.length > 0 || !isIPv4(address) || !/^(0|[1-9]\d?)$/.test(bitsText)) return undefined;
  const bits = Number(bitsText);
  const base = toNumber(ipaddr.IPv4.parse(address));
  if (bits > 32 || base % size(bits) !== 0) return undefined;
  return { text, base, bits };
};

export const cidrContains = (outer: Cidr, inner: Cidr): boolean =>
  inner.base >= outer.base && inner.base + size(inner.bits) <= outer.base + size(outer.bits);

export const cidrsOverlap = (a: Cidr, b: Cidr): boolean => cidrContains(a, b) || cidrContains(b, a);

export const containsAddress = (block: Cidr, address: string): boolean => {
  const host = parseCidr(`${address}/32`);
  return host !== undefined && cidrContains(block, host);
};

/** The first of the addresses that lies in one of the blocks. */
export const addressWithin = (addresses: readonly string[], blocks: readonly string[]): string | undefined => {
  const parsed = blocks.flatMap((text) => parseCidr(text) ?? []);
  return addresses.find((address) => parsed.some((block) => containsAddress(block, address)));
};

const RFC1918 = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((text) => parseCidr(text) as Cidr);

export const isPrivateBlock = (block: Cidr): boolean => RFC1918.some((range) => cidrContains(range, block));

/** True for a unicast address of the public internet. */
export const isPublicAddress = (address: string): boolean => isIPv4(address) && ipaddr.IPv4.parse(address).range() === "unicast";

const NEVER_PUBLIC = ["private", "loopback", "linkLocal", "carrierGradeNat", "unspecified", "multicast", "broadcast"];

/** False for an address that the internet certainly never sees; those of documentation pass, for examples and labs use them. */
export const mayBePublic = (address: string): boolean =>
  isIPv4(address) && !NEVER_PUBLIC.includes(ipaddr.IPv4.parse(address).range());
