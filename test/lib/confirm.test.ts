import { expect, it } from "vitest";
import { confirmName } from "../../agent/lib/confirm.ts";
import { failureOf } from "./support.ts";

const WHAT = { name: "office", what: "the connection's name", refused: "VPN_REFUSED" } as const;

it("takes the name itself, given or asked for", async () => {
  await confirmName(WHAT, { given: "office", ask: undefined });
  await confirmName(WHAT, { given: undefined, ask: async (name) => name });
});

it.each([
  ["branch", undefined],
  ["", async (): Promise<string> => "office"],
  [undefined, async (): Promise<string> => "Office"],
])("refuses %j with the caller's own code", async (given, ask) => {
  expect(await failureOf(() => confirmName(WHAT, { given, ask }))).toMatchObject({
    code: "VPN_REFUSED",
    message: expect.stringContaining("is not the connection's name. Nothing was changed."),
    fix: "To go on, confirm with: office",
  });
});

it("needs the option where nobody can be asked", async () => {
  expect(await failureOf(() => confirmName(WHAT, { given: undefined, ask: undefined }))).toMatchObject({
    code: "OPTION_MISSING",
    fix: "Add --confirm office.",
  });
});
