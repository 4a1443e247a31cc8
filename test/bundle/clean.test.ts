import { describe, expect, it } from "vitest";
import { findLeaks, redactorOf, withoutDumps } from "../../agent/bundle/clean.ts";
import { APART, known, WRITTEN } from "./support.ts";

const PSK = "abcdef12345";
const KEY = "8f".repeat(32);

describe("redaction", () => {
  const redact = redactorOf([known(PSK), known(`${PSK}-and-more`), known(KEY, "hex")]);

  it.each(WRITTEN(PSK))("takes out a PSK %s", (_how, text) => {
    expect(findLeaks([{ name: "x", text }], [known(PSK)])).toHaveLength(1);
    expect(findLeaks([{ name: "x", text: redact(text) }], [known(PSK)])).toEqual([]);
  });

  it("takes out the whole of a secret that begins like another", () => {
    expect(redact(`psk=${PSK}-and-more.`)).toBe("psk=[redacted].");
  });

  it("leaves everything else", () => {
    const text = "conn spacegate.acme-space.office.1\n  right=34.203.187.158\n";
    expect(redact(text)).toBe(text);
  });
});

describe("the search", () => {
  it.each([...WRITTEN(PSK), ...APART(PSK)])("finds a PSK %s", (_how, text) => {
    expect(findLeaks([{ name: "log", text: `before ${text} after` }], [known(PSK, "utf8", "PSK 1")])).toEqual([
      { name: "log", secret: "PSK 1" },
    ]);
  });

  it.each([
    ["as ip prints it", `enc cbc(aes) 0x${KEY}`],
    ["in capitals", KEY.toUpperCase()],
    ["in base64", Buffer.from(KEY, "hex").toString("base64")],
  ])("finds a key %s", (_how, text) => {
    expect(findLeaks([{ name: "xfrm", text }], [known(KEY, "hex")])).toHaveLength(1);
  });

  it("names each file and secret once", () => {
    const entries = ["a", "b"].map((name) => ({ name, text: `${PSK} ${PSK}` }));
    expect(findLeaks(entries, [known(PSK), known(PSK)])).toEqual([
      { name: "a", secret: "the secret" },
      { name: "b", secret: "the secret" },
    ]);
  });

  it("finds nothing in what has no secret", () => {
    expect(
      findLeaks([{ name: "x", text: "fingerprint <psk 0123456789ab>, 34.203.187.158" }], [known(PSK), known(KEY, "hex")]),
    ).toEqual([]);
  });
});

it("charon's dumps of bytes are left out of logs, other lines stay", () => {
  const log =
    "12[CFG]   secret: => 11 bytes @ 0x7f\n12[CFG]    0: 61 62 63 64 65 66 31 32 33 34 35                 abcdef12345\n12[IKE] established\n";
  expect(withoutDumps(log)).toBe("12[CFG]   secret: => 11 bytes @ 0x7f\n[a dump of bytes was left out]\n12[IKE] established\n");
});
