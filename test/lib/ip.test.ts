import { describe, expect, it } from "vitest";
import {
  type Cidr,
  cidrContains,
  cidrsOverlap,
  containsAddress,
  isIPv4,
  isPrivateBlock,
  isPublicAddress,
  parseCidr,
} from "../../agent/lib/ip.ts";

const block = (text: string): Cidr => {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(`${text} is no block`);
  return parsed;
};

describe("isIPv4", () => {
  it.each(["0.0.0.0", "255.255.255.255", "10.0.0.1"])("takes %s", (text) => {
    expect(isIPv4(text)).toBe(true);
  });

  it.each(["", "10.0.0", "10.0.0.256", "010.0.0.1", "0x0a.0.0.1", "10.0.0.1 ", "10.0.0.1\n", "::1", "1.2.3.4.5", "167772161"])(
    "refuses %j",
    (text) => {
      expect(isIPv4(text)).toBe(false);
    },
  );
});

describe("parseCidr", () => {
  it.each([
    ["0.0.0.0/0", 0, 0],
    ["10.0.0.0/8", 0x0a000000, 8],
    ["128.0.0.0/1", 2 ** 31, 1],
    ["255.255.255.255/32", 2 ** 32 - 1, 32],
  ])("reads %s", (text, base, bits) => {
    expect(parseCidr(text)).toEqual({ text, base, bits });
  });

  it.each([
    ["host bits", "10.0.0.1/8"],
    ["a host bit at the very end", "10.0.0.1/31"],
    ["no length", "10.0.0.0"],
    ["an empty length", "10.0.0.0/"],
    ["a length beyond 32", "10.0.0.0/33"],
    ["a leading zero", "10.0.0.0/08"],
    ["two lengths", "10.0.0.0/8/8"],
    ["a sign", "10.0.0.0/+8"],
    ["a netmask", "10.0.0.0/255.0.0.0"],
    ["a short form", "10/8"],
    ["IPv6", "fd00::/8"],
    ["a line break", "10.0.0.0/8\n"],
    ["nothing", ""],
  ])("refuses %s: %s%s", (_why, text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

describe("two blocks", () => {
  it.each([
    ["10.0.0.0/8", "10.255.255.255/32", true],
    ["10.0.0.0/8", "11.0.0.0/32", false],
    ["10.0.0.0/16", "10.1.0.0/16", false],
    ["0.0.0.0/0", "255.255.255.255/32", true],
    ["172.16.0.0/12", "172.16.0.0/12", true],
    ["192.168.0.0/24", "192.168.0.128/25", true],
    ["192.168.0.0/25", "192.168.0.128/25", false],
  ])("%s and %s overlap: %s, in either order", (a, b, overlap) => {
    expect([cidrsOverlap(block(a), block(b)), cidrsOverlap(block(b), block(a))]).toEqual([overlap, overlap]);
  });

  it("the larger one is not within the smaller one", () => {
    expect(cidrContains(block("10.0.0.0/16"), block("10.0.0.0/8"))).toBe(false);
  });
});

describe("addresses", () => {
  it("belong to a block up to its last one, and what is no address belongs to none", () => {
    const within = (address: string): boolean => containsAddress(block("172.16.0.0/12"), address);
    expect(["172.16.0.0", "172.31.255.255", "172.32.0.0", "172.15.255.255", "nonsense"].map(within)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it.each(["34.203.187.158", "52.91.173.226"])("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each(["10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.0", "255.255.255.255", "nonsense"])(
    "%s is not public",
    (address) => {
      expect(isPublicAddress(address)).toBe(false);
    },
  );

  it.each([
    ["10.0.0.0/8", true],
    ["172.16.0.0/12", true],
    ["172.32.0.0/16", false],
    ["172.0.0.0/8", false],
    ["192.168.255.0/24", true],
    ["192.0.0.0/8", false],
    ["0.0.0.0/0", false],
  ])("%s is a private block: %s", (text, isPrivate) => {
    expect(isPrivateBlock(block(text))).toBe(isPrivate);
  });
});
