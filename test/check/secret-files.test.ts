import { expect, it } from "vitest";
import { gatherSecretFiles } from "../../agent/check/secret-files.ts";
import { sampleSettings } from "../sample.ts";
import { readerOf } from "./support.ts";

const ROOTS = { mode: 0o600, uid: 0 };

it("finds the fixed files, TLS keys, and what settings and environment name, as far as they are there", async () => {
  const settings = sampleSettings(undefined, {
    heroku: { source: "file", file: "/etc/spacegate/vpn.json" },
    listen: { tls: { certificate: "/etc/ssl/c.pem", key: "/etc/ssl/k.pem" }, token_file: "/etc/spacegate/http-token" },
  });
  const stats = Object.fromEntries(
    [
      "/etc/ipsec.secrets",
      "/var/lib/spacegate/last-good.json",
      "/var/lib/spacegate/tls/server.pem",
      "/var/lib/spacegate/tls/authority.crt",
      "/etc/spacegate/vpn.json",
      "/etc/spacegate/http-token",
      "/etc/ssl/k.pem",
      "/home/ops/.netrc",
      "/etc/passwd",
    ].map((path) => [path, ROOTS]),
  );
  const found = await gatherSecretFiles(readerOf({}, {}, stats), settings, ["/home/ops/.netrc", "/nowhere"]);
  expect(found.map(({ path, owners }) => `${path}${owners ? " (the owner's)" : ""}`)).toEqual([
    "/etc/ipsec.secrets",
    "/var/lib/spacegate/last-good.json",
    "/var/lib/spacegate/tls/server.pem",
    "/etc/spacegate/vpn.json",
    "/etc/spacegate/http-token",
    "/home/ops/.netrc",
    "/etc/ssl/k.pem (the owner's)",
  ]);
});
