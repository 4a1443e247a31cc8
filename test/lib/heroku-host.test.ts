import { expect, test } from "vitest";
import { apiBase, dataApiBase } from "../../agent/lib/heroku-host.ts";
import { failureOf } from "../source/support.ts";

test.each([
  [undefined, "https://api.heroku.com/"],
  ["", "https://api.heroku.com/"],
  ["heroku.com", "https://api.heroku.com/"],
  ["staging.herokudev.com", "https://api.staging.herokudev.com/"],
  ["https://api.heroku.com", "https://api.heroku.com/"],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"],
  ["http://localhost:8080", "http://localhost:8080/"],
])("HEROKU_HOST %s means %s", (host, url) => {
  expect(apiBase(host === undefined ? {} : { HEROKU_HOST: host }).href).toBe(url);
});

test.each([
  "example.com",
  "https://example.com",
  "http://api.heroku.com",
  "https://heroku.com.example.com",
  "https://evilheroku.com",
  "https://127.0.0.1.example.com",
  "http://localhost.example.com",
  "http://user:password@127.0.0.1:8080",
  "https://api.heroku.com/?x=",
  "example.com/.heroku.com",
  "https://",
  "x\ny",
])("HEROKU_HOST %j is not sent a token", async (host) => {
  const error = await failureOf(() => apiBase({ HEROKU_HOST: host }));
  expect(error).toMatchObject({ code: "SETTINGS_INVALID", fix: expect.stringContaining("Unset HEROKU_HOST") });
});

test.each([
  [undefined, "https://api.data.heroku.com/"],
  ["", "https://api.data.heroku.com/"],
  ["api.data.heroku.com", "https://api.data.heroku.com/"],
  ["data.staging.herokudev.com", "https://data.staging.herokudev.com/"],
  ["https://api.data.heroku.com", "https://api.data.heroku.com/"],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"],
])("HEROKU_DATA_HOST %s means %s", (host, url) => {
  expect(dataApiBase(host === undefined ? {} : { HEROKU_DATA_HOST: host }).href).toBe(url);
});

test.each([
  "example.com",
  "http://api.data.heroku.com",
  "api.data.heroku.com.example.com",
  "user@api.data.heroku.com",
  "https://",
  "x y",
])("HEROKU_DATA_HOST %j is not sent a token", async (host) => {
  const error = await failureOf(() => dataApiBase({ HEROKU_DATA_HOST: host }));
  expect(error).toMatchObject({ code: "SETTINGS_INVALID", fix: expect.stringContaining("Unset HEROKU_DATA_HOST") });
});
