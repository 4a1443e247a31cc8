import { expect, it } from "vitest";
import { nearest } from "../../agent/settings/nearest.ts";

const words = ["subnets", "address", "public_address", "port"];

it.each([
  ["subnet", "subnets"],
  ["Subnets", "subnets"],
  ["publicAddress", "public_address"],
  ["public-address", "public_address"],
  ["adress", "address"],
  ["prot", "port"],
])("%s means %s", (text, word) => {
  expect(nearest(text, words)).toBe(word);
});

it.each(["banana", "", "x".repeat(10_000)])("%s means none of them", (text) => {
  expect(nearest(text, words)).toBeUndefined();
});
