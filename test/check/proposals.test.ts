import { expect, it } from "vitest";
import { wantedBy } from "../../agent/check/proposals.ts";

it.each([
  ["aes256-sha256-modp2048", "ike", "AES_CBC HMAC_SHA2_256_128 PRF_HMAC_SHA2_256 MODP_2048"],
  ["aes256-sha256-modp2048", "esp", "AES_CBC HMAC_SHA2_256_128 MODP_2048"],
  ["aes128gcm16-sha384-ecp384", "esp", "AES_GCM_16 HMAC_SHA2_384_192 ECP_384"],
  ["aes256gcm128-curve25519", "esp", "AES_GCM_16 CURVE_25519"],
  ["aes-sha1-modp1024", "ike", "AES_CBC HMAC_SHA1_96 PRF_HMAC_SHA1 MODP_1024"],
  ["something-new", "ike", ""],
] as const)("%s asks %s of charon: %s", (proposal, phase, expected) => {
  const names = wantedBy(proposal, phase).map(({ name }) => name);
  expect(names.join(" ")).toBe(expected);
});
