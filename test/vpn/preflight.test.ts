import { describe, expect, test } from "vitest";
import { parseCidr } from "../../agent/lib/ip.ts";
import { preflight, without } from "../../agent/vpn/preflight.ts";
import { WANTED } from "./support.ts";

const LIMITS = { spaceBlocks: ["10.0.0.0/16", "10.1.0.0/16"], unavailable: ["172.17.0.0/16", "192.168.128.0/17"] };

const judged = (routableCidrs: readonly string[], inUse: readonly string[] = []) =>
  preflight({ ...WANTED, routableCidrs }, LIMITS, inUse).map(({ text, right }) => `${text}; ${right}`);

describe("routable CIDRs", () => {
  test.each([[["172.16.0.0/16"]], [["10.2.0.0/16", "192.168.0.0/17"]], [["172.31.255.255/32"]], [["10.128.0.0/9"]]])(
    "%j would do",
    (cidrs) => expect(judged(cidrs)).toEqual([]),
  );

  test.each([
    ["300.1.1.0/24", /is no IPv4 block; write blocks such as 172\.16\.0\.0\/16/],
    ["172.16.0.0", /is no IPv4 block/],
    ["172.16.0.0/33", /is no IPv4 block/],
    ["fd00::/8", /is no IPv4 block/],
    ["172.16.5.9/16", /does not begin at its block's first address; write 172\.16\.0\.0\/16$/],
    ["192.168.3.1/24", /write 192\.168\.3\.0\/24$/],
    ["255.255.255.255/1", /write 128\.0\.0\.0\/1$/],
    ["8.8.8.0/24", /not within .* \(RFC 1918\).*; name the private blocks/],
    ["100.64.0.0/10", /RFC 1918/],
    ["10.0.128.0/24", /the space's own block 10\.0\.0\.0\/16; give the local network another block, such as 172\.16\.0\.0\/16/],
    ["10.1.0.0/16", /the space's own block 10\.1\.0\.0\/16/],
    ["10.0.0.0/14", /leave that part out: 10\.2\.0\.0\/15$/],
    ["172.17.5.0/24", /172\.17\.0\.0\/16, which the space cannot reach/],
    ["172.16.0.0/12", /leave that part out: 172\.16\.0\.0\/16,172\.18\.0\.0\/15,172\.20\.0\.0\/14,172\.24\.0\.0\/13$/],
    ["192.168.200.0/24", /unavailable_cidr_blocks/],
  ])("%s would not, and it says what would", (cidr, words) => {
    expect(judged([cidr])).toEqual([expect.stringMatching(words)]);
  });

  test("overlapping each other are refused, the wider one being right", () => {
    expect(judged(["172.20.1.0/24", "172.20.0.0/16"])).toEqual([
      expect.stringMatching(/"172\.20\.0\.0\/16" overlaps 172\.20\.1\.0\/24.*name the wider one alone: 172\.20\.0\.0\/16/),
    ]);
    expect(judged(["172.20.0.0/16", "172.20.0.0/16"])).toHaveLength(1);
  });

  test("are refused all at once, and none at all as well", () => {
    expect(judged(["8.8.8.0/24", "172.16.0.0/16", "10.0.0.0/8"])).toHaveLength(2);
    expect(judged([])).toEqual([expect.stringMatching(/no block is named/)]);
  });

  test("that the connection routes today are no obstacle to itself", () => {
    expect(judged(["192.168.128.0/17"], ["192.168.128.0/17"])).toEqual([]);
    expect(judged(["192.168.128.0/17"])).toHaveLength(1);
  });

  test("keep away from 172.17.0.0/16 even where peering-info does not say so", () => {
    const unfit = preflight({ ...WANTED, routableCidrs: ["172.17.0.0/24"] }, { spaceBlocks: [], unavailable: [] });
    expect(unfit).toMatchObject([{ text: expect.stringContaining("every Private Space keeps for itself") }]);
  });
});

describe("the public address", () => {
  test.each(["52.91.173.226", "203.0.113.10"])("%s may be one", (publicIp) => {
    expect(preflight({ ...WANTED, publicIp }, LIMITS)).toEqual([]);
  });

  test.each(["10.0.0.1", "172.16.0.2", "192.168.1.1", "127.0.0.1", "169.254.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "x", ""])(
    "%j is none",
    (publicIp) => expect(preflight({ ...WANTED, publicIp }, LIMITS)).toMatchObject([{ option: "--ip" }]),
  );
});

describe("what is left of a block", () => {
  const left = (block: string, ...others: string[]) =>
    without(
      parseCidr(block) ?? expect.unreachable(),
      others.flatMap((text) => parseCidr(text) ?? []),
    ).map(({ text }) => text);

  test.each([
    [["10.0.0.0/24"], ["10.0.0.0/24"]],
    [["10.0.0.0/24", "10.0.0.0/8"], []],
    [["10.0.0.0/24", "10.0.0.0/25"], ["10.0.0.128/25"]],
    [
      ["10.0.0.0/24", "10.0.0.64/26", "10.0.0.192/26"],
      ["10.0.0.0/26", "10.0.0.128/26"],
    ],
    [["255.255.255.0/24", "255.255.255.0/25"], ["255.255.255.128/25"]],
  ])("%j", ([block = "", ...others], rest) => expect(left(block, ...others)).toEqual(rest));
});
