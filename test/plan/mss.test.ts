import { describe, expect, it } from "vitest";
import { mssOf } from "../../agent/plan/mss.ts";

/** Without and with NAT, as AWS's table has it. */
const TABLE: readonly (readonly [string, number, number])[] = [
  ["aes256gcm16-modp2048", 1406, 1398],
  ["aes128gcm128", 1406, 1398],
  ["aes256-sha256-modp2048", 1398, 1382],
  ["aes128-sha1-modp1024", 1398, 1382],
  ["aes256-sha2_256-ecp384", 1398, 1382],
  ["aes256-sha384-modp2048", 1382, 1382],
  ["aes256-sha512-curve25519", 1382, 1366],
];

/** What the table does not have. */
const UNKNOWN = ["3des-sha1-modp1024", "chacha20poly1305-modp2048", "aes256ctr-sha256", "aes256-modp2048", "camellia256-sha256"];

describe("what a TCP segment may hold", () => {
  it.each(TABLE)("%s: %d, behind a NAT %d", (proposal, plain, nat) => {
    expect([mssOf(proposal, false), mssOf(proposal, true)]).toEqual([plain, nat]);
  });

  it.each(UNKNOWN)("%s is not in AWS's table: the smallest of all", (proposal) => {
    expect([mssOf(proposal, false), mssOf(proposal, true)]).toEqual([1366, 1366]);
  });

  it("of several ciphers in one proposal is what the worst leaves", () => {
    expect(mssOf("aes256gcm16-aes256-sha256-sha512-modp2048", true)).toBe(1366);
  });
});
