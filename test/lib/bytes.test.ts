import { expect, it } from "vitest";
import { formatBytes } from "../../agent/lib/bytes.ts";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1234, "1.2 kB"],
  [999_949, "999.9 kB"],
  [999_950, "1.0 MB"],
  [340_000_000, "340.0 MB"],
  [Number.MAX_SAFE_INTEGER, "9.0 PB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
  expect(text.length).toBeLessThanOrEqual(8);
});
