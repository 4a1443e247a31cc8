import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileSource } from "../../agent/source/file.ts";
import { everythingOf, failureOf, never, PSKS, REF, temporaryDirectory, wire } from "./support.ts";

const fileWith = async (content: unknown) => {
  const path = join(await temporaryDirectory(), "connections.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return { path, source: new FileSource(path) };
};

const cidrOf = async (content: unknown, ref = REF) => {
  const answer = await (await fileWith(content)).source.fetch(ref, never);
  if (answer.kind !== "ready") throw new Error(answer.reason);
  return answer.connection.spaceCidr;
};

const failureWith = async (content: unknown, ref = REF) => {
  const { source } = await fileWith(content);
  return failureOf(() => source.fetch(ref, never));
};

const branch = (changes: Record<string, unknown> = {}) =>
  wire({ id: "2", name: "branch", space_cidr_block: "10.2.0.0/16", ...changes });

describe("a file with saved details", () => {
  test("holds one connection", async () => {
    expect(await cidrOf(wire())).toBe("10.0.0.0/16");
  });

  test("holds several, and the name picks", async () => {
    expect(await cidrOf([wire(), branch()], { ...REF, name: "branch" })).toBe("10.2.0.0/16");
  });

  test.each(["space_name", "space"])("holds equal names of two spaces, and %s picks", async (key) => {
    const told = (name: string) => (key === "space" ? { space: { id: "1", name } } : { space_name: name });
    const other = wire({ space_cidr_block: "10.9.0.0/16", ...told("other-space") });
    expect(await cidrOf([other, wire(told("acme-space"))])).toBe("10.0.0.0/16");
    expect(await cidrOf([other, wire()], { ...REF, space: "acme-space" })).toBe("10.0.0.0/16");
  });

  test("may hold a broken connection beside the one that is asked for", async () => {
    expect(await cidrOf([branch({ tunnels: 7 }), wire()])).toBe("10.0.0.0/16");
  });

  test("is read anew each time", async () => {
    const { path, source } = await fileWith(wire());
    await source.fetch(REF, never);
    await writeFile(path, JSON.stringify(wire({ space_cidr_block: "10.7.0.0/16" })));
    expect(await source.fetch(REF, never)).toMatchObject({ connection: { spaceCidr: "10.7.0.0/16" } });
  });

  test("may say that the connection is not ready", async () => {
    const { source } = await fileWith(wire({ status: "provisioning" }));
    expect(await source.fetch(REF, never)).toMatchObject({ kind: "waiting" });
  });
});

describe("a file that cannot be used", () => {
  test("does not exist", async () => {
    const path = join(await temporaryDirectory(), "none.json");
    const error = await failureOf(() => new FileSource(path).fetch(REF, never));
    expect(error).toMatchObject({ code: "SOURCE_UNAVAILABLE", message: `${path} does not exist` });
    expect(error.fix).toContain("heroku spaces:vpn:info NAME --space SPACE --json");
  });

  test("is a directory", async () => {
    const path = join(await temporaryDirectory(), "dir");
    await mkdir(path);
    expect((await failureOf(() => new FileSource(path).fetch(REF, never))).message).toBe(`${path} is not a regular file`);
  });

  test("is larger than 1 MiB", async () => {
    expect((await failureWith(" ".repeat(1024 * 1024 + 1))).message).toContain("is larger than 1 MiB");
  });

  test.each([
    ["is empty", ""],
    ["is HTML", "<html></html>"],
    ["is not JSON", `${JSON.stringify(wire()).slice(0, -9)}`],
  ])("%s", async (problem, content) => {
    const error = await failureWith(content);
    expect(error).toMatchObject({ code: "SOURCE_MALFORMED", message: expect.stringContaining(problem) });
    expect(everythingOf(error)).not.toContain(PSKS[0]);
  });

  test("holds something that is no object", async () => {
    expect(await failureWith([wire(), "x"])).toMatchObject({
      code: "SOURCE_MALFORMED",
      message: expect.stringContaining("entry [1]"),
    });
  });

  test.each([
    ["another name", { ...REF, name: "elsewhere" }, [wire()]],
    ["another space", REF, wire({ space_name: "other-space" })],
    ["nothing", REF, []],
  ])("has %s only", async (_case, ref, content) => {
    expect(await failureWith(content, ref)).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message: expect.stringContaining(`has no connection ${ref.space}/${ref.name}`),
    });
  });

  test("has two that fit", async () => {
    expect(await failureWith([wire(), wire()])).toMatchObject({
      code: "CONNECTION_INVALID",
      message: expect.stringContaining("2 times"),
    });
  });
});
