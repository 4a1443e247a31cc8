import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../lib/support.ts";
import { textsOf } from "./support.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const TEXT = (await textsOf())["spacegate-dashboard.json"] ?? "";

const CONFIG = {
  extends: join(PROJECT, "tsconfig.json"),
  compilerOptions: { noEmit: true, skipLibCheck: true, types: [] },
  include: ["dashboard.ts"],
};

/** What TypeScript says of the dashboard as a value of Grafana's own type; "" when nothing. */
const complaints = async (json: string): Promise<string> => {
  const directory = await temporaryDirectory();
  await symlink(join(PROJECT, "node_modules"), join(directory, "node_modules"));
  await writeFile(join(directory, "types.ts"), await readFile(new URL("./grafana-types.ts", import.meta.url)));
  const code = `import type { GrafanaDashboard } from "./types.ts";\nexport const dashboard: GrafanaDashboard = ${json};\n`;
  await writeFile(join(directory, "dashboard.ts"), code);
  await writeFile(join(directory, "package.json"), '{"type":"module"}');
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify(CONFIG));
  const { stdout } = await execa("tsc", ["--project", directory], { preferLocal: true, localDir: PROJECT, reject: false });
  return stdout;
};

describe("the dashboard, held against Grafana's own types", { timeout: 60_000 }, () => {
  it("is a dashboard", async () => {
    expect(await complaints(TEXT)).toBe("");
  });

  it.each([
    ["a panel's key that Grafana does not know", '"gridPos"', '"gridPosition"', /gridPosition/],
    ["a query's key that Grafana does not know", '"expr"', '"expression"', /expression/],
    [
      "text where a number belongs",
      /"schemaVersion": \d+/,
      '"schemaVersion": "new"',
      /'string' is not assignable to type 'number'/,
    ],
    ["a panel of no known kind", '"type": "timeseries"', '"type": "tachometer"', /tachometer/],
    ["an option's value that Grafana does not know", /"graphMode": "\w+"/, '"graphMode": "loud"', /loud/],
  ] as const)("is refused with %s", async (_what, from, to, says) => {
    const broken = TEXT.replace(from, to);
    expect(broken).not.toBe(TEXT);
    expect(await complaints(broken)).toMatch(says);
  });
});
