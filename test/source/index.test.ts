import { expect, test } from "vitest";
import { systemClock } from "../../agent/lib/clock.ts";
import { createSource, type SourceDeps } from "../../agent/source/index.ts";
import { failureOf } from "./support.ts";

const deps = (env: SourceDeps["env"] = {}): SourceDeps => ({ env, clock: systemClock, version: "0" });
const TIMES = { poll_interval: "60s", timeout: "10s" };

test.each(["platform-api", "heroku-cli"] as const)("the settings' %s is the source", (source) => {
  expect(createSource({ ...TIMES, source }, deps()).kind).toBe(source);
});

test("the settings' file is the source, whatever HEROKU_HOST says", () => {
  const source = createSource({ ...TIMES, source: "file", file: "/etc/x.json" }, deps({ HEROKU_HOST: "example.com" }));
  expect(source.kind).toBe("file");
});

test.each(["platform-api", "heroku-cli"] as const)("%s does not take a foreign HEROKU_HOST", async (source) => {
  const error = await failureOf(() => createSource({ ...TIMES, source }, deps({ HEROKU_HOST: "example.com" })));
  expect(error.code).toBe("SETTINGS_INVALID");
});

test("a file source without a file is refused", async () => {
  const error = await failureOf(() => createSource({ ...TIMES, source: "file" }, deps()));
  expect(error).toMatchObject({ code: "SETTINGS_INVALID", message: "heroku.file is missing" });
});
