import { expect, test } from "vitest";
import { redactText } from "../../agent/lib/redact-text.ts";
import { Secret } from "../../agent/lib/secret.ts";

test.each([
  ['{"pre_shared_key":"abcdef12345"}', "abcdef12345"],
  ['{\n  "pre_shared_key": "abcdef12345",', "abcdef12345"],
  ['"{\\"pre_shared_key\\":\\"abcdef12345\\"}"', "abcdef12345"],
  ["Pre-Shared Key: abcdef12345", "abcdef12345"],
  ['1.2.3.4 : PSK "abcdef12345"', "abcdef12345"],
  ["authorization: Bearer abcdef12345", "abcdef12345"],
  ["Authorization: 'Basic abcdef12345'", "abcdef12345"],
  ['"token": "abcdef12345"', "abcdef12345"],
  ["the key HRKU-AAbb_cc-12 is old", "HRKU-AAbb_cc-12"],
  ["01234567-89ab-cdef-0123-456789abcdef was refused", "89ab-cdef"],
  ["proxy http://me:abcdef12345@proxy:3128 says no", "abcdef12345"],
])("%s loses its secret", (text, secret) => {
  expect(text).toContain(secret);
  expect(redactText(text)).not.toContain(secret);
  expect(redactText(text)).toContain("[redacted]");
});

test("a known secret goes wherever it stands", () => {
  expect(redactText("xsesamex sesame", [new Secret("sesame")])).toBe("x[redacted]x [redacted]");
});

test.each([
  "Couldn't find that space. Error ID: not_found",
  "The token provided to HEROKU_API_KEY is invalid. Please double-check that you have the correct token, or run `heroku login`",
  "connect ECONNREFUSED 127.0.0.1:443",
])("harmless words stay: %s", (text) => {
  expect(redactText(text)).toBe(text);
});
