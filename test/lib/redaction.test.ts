import { describe, expect, it } from "vitest";
import { Redactor } from "../../agent/lib/redaction.ts";
import { Secret } from "../../agent/lib/secret.ts";

const redactorOf = (...values: string[]): Redactor => {
  const redactor = new Redactor();
  for (const value of values) redactor.add(new Secret(value));
  return redactor;
};

describe("a redactor", () => {
  it("takes every occurrence of every secret out", () => {
    expect(redactorOf("abcdef12345", "123456abcdef").redact("a abcdef12345 b 123456abcdef c abcdef12345")).toBe(
      "a [redacted] b [redacted] c [redacted]",
    );
  });

  it("knows a PSK as ipsec.secrets has it", () => {
    const base64 = Buffer.from("abcdef12345").toString("base64");
    expect(redactorOf("abcdef12345").redact(`1.2.3.4 : PSK 0s${base64}`)).toBe("1.2.3.4 : PSK 0s[redacted]");
  });

  it.each(['say"friend"and', "back\\slash\\psk", "tab\there\tpsk"])("knows %j as a line of JSON has it", (value) => {
    expect(redactorOf(value).redact(JSON.stringify({ text: `got ${value}` }))).toBe('{"text":"got [redacted]"}');
  });

  it.each([
    ["before", ["abcdef", "abcdef12345"]],
    ["after", ["abcdef12345", "abcdef"]],
  ])("leaves no rest of a secret that begins with another one added %s it", (_when, values) => {
    expect(redactorOf(...values).redact("abcdef12345 abcdef")).toBe("[redacted] [redacted]");
  });

  it("takes a secret of regular expression characters for what it is", () => {
    expect(redactorOf("a.c+(x)[y]$").redact("abc+(x)[y]$ a.c+(x)[y]$")).toBe("abc+(x)[y]$ [redacted]");
  });

  it("leaves words alone that a very short value would blot out", () => {
    expect(redactorOf("up").redact("the tunnel is up")).toBe("the tunnel is up");
  });

  it("leaves a text without secrets as it is", () => {
    expect(redactorOf("abcdef12345").redact("nothing here")).toBe("nothing here");
  });
});
