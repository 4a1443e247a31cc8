import { describe, expect, it } from "vitest";
import { makeBundle, refuseLeaks } from "../../agent/bundle/bundle.ts";
import type { KnownSecret } from "../../agent/bundle/spellings.ts";
import { failureOf } from "../lib/support.ts";
import { APART, known, WRITTEN } from "./support.ts";

const PSK = "abcdef12345";
const KEY = "9e".repeat(32);

const bundleOf = (text: string, ...secrets: KnownSecret[]) =>
  makeBundle({ parts: [{ name: "log.txt", collect: async () => text }], secrets: async () => secrets, title: "a bundle" });

describe("a bundle", () => {
  it("begins with the list of its contents", async () => {
    const [first, second] = await bundleOf("text\n");
    expect(first?.name).toBe("CONTENTS.txt");
    expect(first?.text).toContain("        5  log.txt\n");
    expect(second).toMatchObject({ name: "log.txt", text: "text\n" });
  });

  it.each(WRITTEN(PSK))("is clean of a PSK %s", async (_how, text) => {
    const entries = await bundleOf(text, known(PSK));
    expect(entries[1]?.text).toContain("[redacted]");
  });

  it.each(APART(PSK))("is refused, without telling the PSK, for one with its %s", async (_how, text) => {
    const error = await failureOf(() => bundleOf(text, known(PSK, "utf8", "a PSK of /etc/ipsec.secrets")));
    expect(error.code).toBe("BUNDLE_REFUSED");
    expect(error.message).toBe("No bundle was written: log.txt holds a PSK of /etc/ipsec.secrets.");
    expect(error.message + error.fix).not.toContain(PSK);
  });

  it.each([...WRITTEN(PSK), ...APART(PSK)])("whose redaction had missed a PSK %s would be refused", async (_how, text) => {
    const error = await failureOf(async () => refuseLeaks([{ name: "log.txt", text }], [known(PSK)]));
    expect(error).toMatchObject({ code: "BUNDLE_REFUSED", fix: expect.stringContaining("--without log.txt") });
  });

  it("knows keys that came into being while it was made", async () => {
    let asked = 0;
    const secrets = async () => (asked++ === 0 ? [] : [known(KEY, "hex")]);
    const entries = await makeBundle({ parts: [{ name: "x", collect: async () => `0x${KEY}` }], secrets, title: "" });
    expect(entries[1]?.text).toBe("0x[redacted]");
  });

  it("has the end of what is too long", async () => {
    const [, log] = await bundleOf(`${"x".repeat(6_000_000)}the end`);
    expect(log?.text).toMatch(/^\[the first 1000007 characters were left out\]\nx/);
    expect(log?.text.endsWith("the end")).toBe(true);
  });

  it("has no half of a secret where something too long begins", async () => {
    const [, log] = await bundleOf(`${"x".repeat(1000)}${PSK}${"y".repeat(4_999_995)}`, known(PSK));
    expect(log?.text).toMatch(/^\[the first \d+ characters were left out\]\ncted\]y/);
  });

  it("comes about when a secret is an ordinary word", async () => {
    const entries = await bundleOf("strongswan runs", known("strongswan"));
    expect(entries[1]?.text).toBe("[redacted] runs");
  });
});
