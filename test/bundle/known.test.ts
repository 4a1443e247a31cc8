import { describe, expect, it } from "vitest";
import { privateKeyLines, pskValues, soleValue, withoutXfrmKeys, xfrmKeys } from "../../agent/bundle/known.ts";
import type { KnownSecret } from "../../agent/bundle/spellings.ts";

const values = (found: readonly KnownSecret[]): string[] => found.map(({ secret }) => secret.reveal());

describe("PSKs in JSON", () => {
  it("are read with their escapes", () => {
    expect(values(pskValues("x", JSON.stringify({ tunnels: [{ pre_shared_key: 'a"b\\c' }, { pre_shared_key: "ü" }] })))).toEqual([
      'a"b\\c',
      "ü",
    ]);
  });

  it("are read of a file that was cut off in the middle", () => {
    expect(values(pskValues("x", '{"tunnels":[{"pre_shared_key": "abcdef12345"},{"pre_shared_key":"12345'))).toEqual([
      "abcdef12345",
      "12345",
    ]);
  });
});

it("every line of a private key is a secret, its certificate is not", () => {
  const line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
  const pem = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${line}\r\n${line.slice(0, 20)}\n-----END RSA PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIE\n-----END CERTIFICATE-----\n`;
  expect(values(privateKeyLines("x", pem))).toEqual([line, line.slice(0, 20)]);
});

it("a file with one secret is that secret without its line break", () => {
  expect(values(soleValue("x", "HRKU-1234\n"))).toEqual(["HRKU-1234"]);
  expect(soleValue("x", " \n")).toEqual([]);
});

/** As iproute2 6.1 prints a state. */
const STATE = `src 203.0.113.10 dst 34.203.187.158
\tproto esp spi 0xc4a1b2c3 reqid 1 mode tunnel
\treplay-window 0 flag af-unspec
\tmark 0x4000/0xffffffff
\tauth-trunc hmac(sha256) 0x${"1a".repeat(32)} 128
\tenc cbc(aes) 0x${"2b".repeat(32)}
\tanti-replay context: seq 0x0, oseq 0x5, bitmap 0x00000000
src 34.203.187.158 dst 203.0.113.10
\tproto esp spi 0xc0ffee01 reqid 1 mode tunnel
\taead rfc4106(gcm(aes)) 0x${"3c".repeat(20)} 128
`;

describe("the kernel's keys", () => {
  it("are read, to be looked for", () => {
    expect(values(xfrmKeys(STATE))).toEqual(["1a".repeat(32), "2b".repeat(32), "3c".repeat(20)]);
  });

  it("are taken out, and nothing else is", () => {
    const shown = withoutXfrmKeys(STATE);
    for (const key of values(xfrmKeys(STATE))) expect(shown).not.toContain(key);
    expect(shown).toContain("spi 0xc4a1b2c3 reqid 1 mode tunnel");
    expect(shown).toContain("auth-trunc hmac(sha256) <key left out> 128");
    expect(shown).toContain("mark 0x4000/0xffffffff");
    expect(xfrmKeys(shown)).toEqual([]);
  });
});
