import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { CASES } from "./cases.ts";

const STARTER = "/usr/lib/ipsec/starter";
const isThere = existsSync(STARTER);
const mustBeThere = process.env.CI !== undefined || process.env.SPACEGATE_REAL !== undefined;

const MISSING = `${STARTER} is missing: install the package strongswan-starter, or run without CI and SPACEGATE_REAL.`;

const conftest = (path: string) =>
  execa(STARTER, ["--conftest", "--conf", path], { reject: false, all: true, env: { LC_ALL: "C" } });

const golden = (name: string): string => fileURLToPath(new URL(`golden/${name}/ipsec.conf`, import.meta.url));

it.runIf(mustBeThere)("strongSwan's own parser is at hand, where it is asked for", () => {
  expect(isThere, MISSING).toBe(true);
});

describe.skipIf(!isThere)(`strongSwan's own parser (${isThere ? STARTER : MISSING})`, () => {
  it.each(Object.keys(CASES))("takes every conn of %s", async (name) => {
    const { all, exitCode } = await conftest(golden(name));
    expect(all).not.toMatch(/ignored conn|parsing error|unknown|bad argument/);
    expect(exitCode).toBe(0);
  });

  it("would say so if it did not", async () => {
    const { all } = await conftest(fileURLToPath(new URL("golden/broken.conf", import.meta.url)));
    expect(all).toMatch(/ignored conn|parsing error|unknown|bad argument/);
  });
});
