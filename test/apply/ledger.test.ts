import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { LedgerStore } from "../../agent/apply/ledger.ts";
import { temporaryDirectory } from "./support.ts";

const EMPTY = { loaded: {}, authenticated: {} };

let path: string;

beforeEach(async () => {
  path = join(await temporaryDirectory(), "run/spacegate/ledger.json");
});

const opened = async (): Promise<LedgerStore> => {
  const store = new LedgerStore(path);
  await store.load();
  return store;
};

describe("the ledger", () => {
  it("is empty before anything was noted, and makes no file for that", async () => {
    expect((await opened()).ledger).toEqual(EMPTY);
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
  });

  it("survives the agent", async () => {
    const store = await opened();
    await store.noteLoaded({ "/etc/ipsec.conf": "aaa", "/etc/ipsec.secrets": "bbb" });
    await store.noteLoaded({ "/etc/ipsec.conf": "ccc" });
    await store.noteAuthenticated("vpn1", "ddd");
    expect((await opened()).ledger).toEqual({
      loaded: { "/etc/ipsec.conf": "ccc", "/etc/ipsec.secrets": "bbb" },
      authenticated: { vpn1: "ddd" },
    });
    expect((await stat(path)).mode & 0o7777).toBe(0o600);
  });

  it("takes notes made at the same moment", async () => {
    const store = await opened();
    const names = Array.from({ length: 20 }, (_, index) => `vpn${index}`);
    await Promise.all(names.map((name) => store.noteAuthenticated(name, "x")));
    expect(Object.keys((await opened()).ledger.authenticated)).toEqual(names);
  });

  it("does not write what it has noted already", async () => {
    const store = await opened();
    await store.noteAuthenticated("vpn1", "aaa");
    const before = (await stat(path)).mtimeMs;
    await store.noteAuthenticated("vpn1", "aaa");
    expect((await stat(path)).mtimeMs).toBe(before);
  });

  it.each(["", "{", "null", "[]", '{"loaded":{}}', '{"loaded":{"a":1},"authenticated":{}}', "\u0000\u0001"])(
    "that is broken (%j) counts as empty, and is replaced with the next note",
    async (text) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      const store = await opened();
      expect(store.ledger).toEqual(EMPTY);
      await store.noteLoaded({ a: "b" });
      expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ loaded: { a: "b" }, authenticated: {} });
    },
  );

  it("that could not be written once is written the next time", async () => {
    const store = await opened();
    await mkdir(path, { recursive: true });
    await expect(store.noteLoaded({ a: "b" })).rejects.toThrow(/EISDIR/);
    const elsewhere = new LedgerStore(`${path}/below/ledger.json`);
    await elsewhere.noteLoaded({ a: "b" });
    expect(elsewhere.ledger.loaded).toEqual({ a: "b" });
  });
});
