import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import tmp from "tmp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const project = fileURLToPath(new URL("../..", import.meta.url));
const pureRooms = ["plan", "render", "steer", "health"];
const otherRooms = [
  "cli",
  "settings",
  "source",
  "apply",
  "vici",
  "observe",
  "expose",
  "privatelink",
  "vpn",
  "setup",
  "check",
  "history",
  "monitoring",
  "bundle",
  "firstboot",
];
const everyRoom = [...pureRooms, ...otherRooms];

const IMPORTS = "lint/style/noRestrictedImports";
const GLOBALS = "lint/style/noRestrictedGlobals";

/** One file of the temporary tree and the rule that must refuse it; undefined when it must pass. */
interface Case {
  readonly title: string;
  readonly path: string;
  readonly code: string;
  readonly rule: string | undefined;
}

const cases: Case[] = [];

const add = (title: string, room: string, code: string, rule: string | undefined): void => {
  cases.push({ title: `${room}/ ${title}`, path: `agent/${room}/case${cases.length}.ts`, code: `${code}\n`, rule });
};

for (const room of everyRoom.filter((name) => name !== "privatelink")) {
  const neighbour = room === "apply" ? "source" : "apply";
  add(
    "may import model/, lib/ and itself",
    room,
    'import "../model/step.ts";\nimport "../lib/ip.ts";\nimport "./own.ts";',
    undefined,
  );
  add("may not import another room", room, `import "../${neighbour}/x.ts";`, IMPORTS);
  add("may not import another room's types", room, `export type { X } from "../${neighbour}/x.ts";`, IMPORTS);
  add("may not import another room late", room, `await import("../${neighbour}/x.ts");`, IMPORTS);
  add("may not import another room by a detour", room, `import "./x/../../${neighbour}/x.ts";`, IMPORTS);
  add("may not import another room through model/", room, `import "../model/../${neighbour}/x.ts";`, IMPORTS);
  add("may not import main/", room, 'import "../main/open.ts";', IMPORTS);
}

for (const room of pureRooms) {
  add("may import handlebars and node:crypto", room, 'import "handlebars";\nimport "node:crypto";', undefined);
  for (const name of [
    "node:fs",
    "node:fs/promises",
    "fs",
    "node:net",
    "node:child_process",
    "node:process",
    "node:timers/promises",
  ]) {
    add(`may not import ${name}`, room, `import "${name}";`, IMPORTS);
  }
  for (const name of ["node:os", "node:dns", "node:http", "node:perf_hooks", "execa", "chokidar", "undici", "pino"]) {
    add(`may not import ${name}`, room, `import "${name}";`, IMPORTS);
  }
  add("may not import the system's clock", room, 'import { systemClock } from "../lib/clock.ts";\nsystemClock.now();', IMPORTS);
  add(
    "may not import every name of the clock",
    room,
    'import * as time from "../lib/clock.ts";\ntime.systemClock.now();',
    IMPORTS,
  );
  add("may name the clock's type", room, 'export type { Clock } from "../lib/clock.ts";', undefined);
  for (const code of ["process.pid", "Date.now()", "new Date()", "performance.now()", "globalThis.Date.now()"]) {
    add(`may not use ${code}`, room, `export const value = ${code};`, GLOBALS);
  }
  add("may not use setTimeout", room, "setTimeout(() => undefined, 1);", GLOBALS);
}

for (const room of ["apply", "observe"]) {
  add("may import the types of vici/", room, 'import type { X } from "../vici/types.ts";\nexport type Y = X;', undefined);
  add("may not import the rest of vici/", room, 'import "../vici/session.ts";', IMPORTS);
}
const pureLinkRooms = ["plan", "health"];

for (const inner of [...pureLinkRooms, "heroku", "aws", "apply", "observe", "publish"]) {
  const room = `privatelink/${inner}`;
  const neighbour = inner === "apply" ? "aws" : "apply";
  const own = 'import "../../model/step.ts";\nimport "../../lib/ip.ts";\nimport "./own.ts";';
  add("may import model/, lib/ and itself", room, own, undefined);
  add("may not import its neighbour", room, `import "../${neighbour}/x.ts";`, IMPORTS);
  add("may not import the tunnels' room", room, 'import "../../apply/x.ts";', IMPORTS);
  add("may not import another room by a detour", room, `import "./x/../../${neighbour}/x.ts";`, IMPORTS);
}
for (const inner of pureLinkRooms) {
  add("may not import node:fs", `privatelink/${inner}`, 'import "node:fs";', IMPORTS);
  add("may not import AWS's clients", `privatelink/${inner}`, 'import "@aws-sdk/client-ec2";', IMPORTS);
  add("may not read the clock", `privatelink/${inner}`, "export const value = Date.now();", GLOBALS);
}
add("wires the rooms of privatelink/", "privatelink/loop", 'import "../aws/x.ts";\nimport "../plan/x.ts";', undefined);
add("may not import the tunnels' rooms", "privatelink/loop", 'import "../../apply/x.ts";', IMPORTS);
add("may import the types of expose/", "cli", 'export type { X } from "../expose/types.ts";', undefined);
add("wires the rooms", "loop", 'import "../apply/x.ts";\nimport "../plan/x.ts";', undefined);
add("may import lib/", "model", 'import "../lib/ip.ts";', undefined);
add("may not import a room", "model", 'import "../plan/x.ts";', IMPORTS);
add("may not import model/", "lib", 'import "../model/step.ts";', IMPORTS);
add("may not import a room", "lib", 'import "../plan/x.ts";', IMPORTS);

interface Report {
  readonly diagnostics: readonly { readonly category: string; readonly location: { readonly path: string } }[];
}

describe("the linter's rules for each room", () => {
  const tree = tmp.dirSync({ unsafeCleanup: true, prefix: "spacegate-lint-" });
  let report: Report;

  /** One tree and one run: the linter's start costs more than all of its files. */
  beforeAll(async () => {
    await copyFile(join(project, "biome.json"), join(tree.name, "biome.json"));
    for (const { path, code } of cases) {
      await mkdir(dirname(join(tree.name, path)), { recursive: true });
      await writeFile(join(tree.name, path), code);
    }
    const biome = join(project, "node_modules/.bin/biome");
    const arguments_ = ["lint", "--reporter=json", "--max-diagnostics=none", "agent"];
    const { stdout } = await execa(biome, arguments_, { cwd: tree.name, reject: false });
    report = JSON.parse(stdout) as Report;
  });

  afterAll(() => tree.removeCallback());

  const restrictionsOf = (path: string): string[] => {
    const found = report.diagnostics.filter((entry) => entry.location.path === path).map((entry) => entry.category);
    return [...new Set(found)].filter((category) => category === IMPORTS || category === GLOBALS);
  };

  it("knows every room there is", async () => {
    const entries = await readdir(join(project, "agent"), { withFileTypes: true });
    const rooms = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect([...everyRoom, "loop", "main", "model", "lib"]).toEqual(expect.arrayContaining(rooms));
  });

  it.each(cases)("$title", ({ path, rule }) => {
    expect(restrictionsOf(path)).toEqual(rule === undefined ? [] : [rule]);
  });
});
