import { describe, expect, it } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";
import { maskPsks } from "../../agent/render/mask.ts";
import { fileOf, fingerprint, sample } from "../sample.ts";

const PSK = "abcdef12345";
const SHOWN = `<psk ${fingerprint(new Secret(PSK))}>`;
const BASE64 = Buffer.from(PSK).toString("base64");
const HEX = Buffer.from(PSK).toString("hex");

const mask = (text: string): string => maskPsks(text, fingerprint);

/** Every way to write the PSK that ipsec.secrets allows, and some that it refuses but that hold a PSK all the same. */
const FORMS: Readonly<Record<string, string>> = {
  "base64, as the agent writes it": `: PSK 0s${BASE64}`,
  "base64, capital": `: PSK 0S${BASE64}`,
  hexadecimal: `: PSK 0x${HEX}`,
  "in double quotes": `: PSK "${PSK}"`,
  "in single quotes": `: PSK '${PSK}'`,
  unquoted: `: PSK ${PSK}`,
  "more spaces": `:   PSK   "${PSK}"`,
  tabs: `:\tPSK\t"${PSK}"`,
  "words behind it": `: PSK "${PSK}" # of the office`,
  "words behind an unquoted one": `: PSK ${PSK} # of the office`,
  "a carriage return": `: PSK "${PSK}"\r`,
};

describe("a secrets file as it may be shown", () => {
  it.each(Object.entries(FORMS))("has a fingerprint in place of the PSK: %s", (_name, form) => {
    const masked = mask(`# the office\n172.16.0.2 34.203.187.158 ${form}\n# end\n`);
    expect(masked).toBe(`# the office\n172.16.0.2 34.203.187.158 : PSK ${SHOWN}\n# end\n`);
  });

  it.each([
    ["without selectors", `: PSK "${PSK}"`],
    ["with nothing between colon and word", `172.16.0.2:PSK "${PSK}"`],
    ["in a comment", `# 172.16.0.2 : PSK "${PSK}"`],
    ["in small letters", `172.16.0.2 : psk "${PSK}"`],
    ["with an open quote", `172.16.0.2 : PSK "${PSK}`],
    ["with nothing between word and PSK", `172.16.0.2 : PSK"${PSK}"`],
    ["of a user", `carol : EAP "${PSK}"`],
    ["of an XAUTH user", `carol : XAUTH "${PSK}"`],
    ["as an NTLM hash", `carol : NTLM 0x${HEX}`],
    ["a key's passphrase", `: RSA key.pem "${PSK}"`],
    ["a smart card's PIN", `: PIN %smartcard:1 ${PSK}`],
  ])("never has a secret %s", (_name, line) => {
    const masked = mask(line);
    for (const form of [PSK, BASE64, HEX]) expect(masked).not.toContain(form);
  });

  it("masks a PSK that has quotes and hashes inside", () => {
    expect(mask(`a b : PSK 'it"s # not ${PSK}'`)).not.toContain(PSK);
  });

  it("masks each of many", () => {
    expect(mask(`a b : PSK "${PSK}"\nc d : PSK 0s${BASE64}\n`)).toBe(`a b : PSK ${SHOWN}\nc d : PSK ${SHOWN}\n`);
  });

  it("is the same text that rendering shows for it", () => {
    const secrets = fileOf(sample(), "ipsec.secrets");
    expect(mask(secrets.content.reveal())).toBe(secrets.shown);
  });

  it("leaves a text without secrets as it is", () => {
    const { content } = fileOf(sample(), "ipsec.conf");
    expect(mask(content.reveal())).toBe(content.reveal());
  });
});
