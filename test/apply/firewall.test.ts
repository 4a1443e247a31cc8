import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyFirewall, FirewallStore, removeFirewall } from "../../agent/apply/firewall.ts";
import { FIREWALL } from "../sample.ts";
import { temporaryDirectory } from "./support.ts";

const TEXT = "table inet spacegate {\n\tcounter ike_in { }\n\tcounter ike_refused { }\n}\n";
const STEP = {
  kind: "apply-firewall",
  text: TEXT,
  desired: FIREWALL,
  counts: { ike_in: { packets: 7, bytes: 700 } },
  why: "it changed",
} as const;

const setUp = async (listing: string | undefined = "as listed", fail?: Error) => {
  const path = join(await temporaryDirectory(), "run/firewall.json");
  const store = new FirewallStore(path);
  const scripts: string[] = [];
  const load = async (script: string): Promise<void> => {
    if (fail) throw fail;
    scripts.push(script);
  };
  return { path, store, scripts, deps: { nft: { list: async () => listing, load }, store, listing: async () => listing } };
};

describe("loading the table", () => {
  it("takes the place of the old one in one transaction, and goes on counting", async () => {
    const { deps, scripts } = await setUp();
    await applyFirewall(deps, STEP);
    const counters = "\tcounter ike_in { packets 7 bytes 700 }\n\tcounter ike_refused { }\n";
    expect(scripts).toEqual([`add table inet spacegate\ndelete table inet spacegate\ntable inet spacegate {\n${counters}}\n`]);
  });

  it("remembers what was loaded and how it looks, for the agent that comes next", async () => {
    const { deps, path, store } = await setUp();
    await applyFirewall(deps, STEP);
    const next = new FirewallStore(path);
    await next.load();
    const { peers, open, encapsulated } = FIREWALL;
    expect(next.memory).toEqual({ text: TEXT, listing: "as listed", peers, open, encapsulated });
    expect(next.memory).toEqual(store.memory);
  });

  it("remembers nothing that somebody has taken away already", async () => {
    const { deps, store } = await setUp();
    await applyFirewall({ ...deps, listing: async () => undefined }, STEP);
    expect(store.memory).toBeUndefined();
  });

  it("leaves the memory as it is when nft refuses", async () => {
    const { deps, store } = await setUp("as listed", new Error("no"));
    await expect(applyFirewall(deps, STEP)).rejects.toThrow("no");
    expect(store.memory).toBeUndefined();
  });
});

it("removing it touches no other table, and is forgotten", async () => {
  const { deps, scripts, path } = await setUp();
  await applyFirewall(deps, STEP);
  await removeFirewall(deps);
  expect(scripts.at(-1)).toBe("add table inet spacegate\ndelete table inet spacegate\n");
  expect(deps.store.memory).toBeUndefined();
  expect(await readFile(path, "utf8")).toBe("null\n");
});

it.each(["", "{", '{"text":1}', "null"])("a memory that says %j is none", async (text) => {
  const path = join(await temporaryDirectory(), "firewall.json");
  await writeFile(path, text);
  const store = new FirewallStore(path);
  await store.load();
  expect(store.memory).toBeUndefined();
});
