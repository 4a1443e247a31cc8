import { expect, it } from "vitest";
import { collectAll } from "../../agent/bundle/collect.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";

it("a part that fails says why, and the others are there", async () => {
  const collected = await collectAll([
    { name: "good", collect: async () => "text" },
    { name: "bad", collect: () => Promise.reject(new SpacegateError("NOT_RUNNING", "no answer", { fix: "start it" })) },
    { name: "worse", collect: () => Promise.reject("a string") },
  ]);
  expect(collected).toEqual([
    { name: "good", text: "text", failed: false },
    { name: "bad", text: "This could not be collected: no answer\nstart it\n(NOT_RUNNING)\n", failed: true },
    { name: "worse", text: "This could not be collected: a string\n", failed: true },
  ]);
});
