import { describe, expect, it } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";
import { fingerprintWith } from "../../agent/render/fingerprint.ts";

const psk = new Secret("abcdef12345");

describe("a fingerprint", () => {
  const fingerprint = fingerprintWith(new Secret("key"));

  it("is twelve hexadecimal digits", () => {
    expect(fingerprint(psk)).toMatch(/^[0-9a-f]{12}$/);
  });

  it("is the same for the same text, and another for another", () => {
    expect(fingerprint(new Secret("abcdef12345"))).toBe(fingerprint(psk));
    expect(fingerprint(new Secret("abcdef12346"))).not.toBe(fingerprint(psk));
  });

  it("tells nothing to those who have another key", () => {
    expect(fingerprintWith(new Secret("another key"))(psk)).not.toBe(fingerprint(psk));
  });
});
