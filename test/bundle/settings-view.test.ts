import { expect, it } from "vitest";
import { namedFiles, redactedSettings, settingsSecrets } from "../../agent/bundle/settings-view.ts";

const SETTINGS = {
  heroku: { source: "file", file: "/etc/spacegate/connections.json" },
  connections: [{ space: "acme-space", psk: "abcdef12345", probe: { target: "10.0.0.10" } }],
  listen: { token_file: "/etc/spacegate/http-token", token: "tok-en", tls: { key: "/etc/spacegate/tls.key", pin: 1 } },
  api_key: 12_345_678,
};

it("values under keys that sound like secrets are hidden; where a secret lies is told", () => {
  expect(redactedSettings(SETTINGS)).toEqual({
    ...SETTINGS,
    connections: [{ space: "acme-space", psk: "[redacted]", probe: { target: "10.0.0.10" } }],
    listen: { ...SETTINGS.listen, token: "[redacted]" },
    api_key: "[redacted]",
  });
});

it("those values are looked for everywhere else", () => {
  expect(settingsSecrets(SETTINGS)).toEqual(["abcdef12345", "tok-en", "12345678"]);
});

it("the files that settings name are looked into", () => {
  expect(namedFiles(SETTINGS)).toEqual([
    { path: "/etc/spacegate/connections.json", sole: false },
    { path: "/etc/spacegate/http-token", sole: true },
    { path: "/etc/spacegate/tls.key", sole: false },
  ]);
});
