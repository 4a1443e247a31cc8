import type { ListenerTrouble } from "../model/status.ts";
import type { HealthFacts } from "./facts.ts";
import type { Finding, WarningSpec } from "./spec.ts";

const forListener =
  (code: ListenerTrouble["code"]) =>
  ({ listenerTroubles }: HealthFacts): Finding[] =>
    listenerTroubles.filter((trouble) => trouble.code === code).map(({ text, fix }) => ({ text, fix }));

/** About the HTTP server: who looks after it has found the words already. */
export const LISTENER_WARNINGS: readonly WarningSpec[] = [
  {
    code: "tls-refused",
    title: "The HTTP server's certificate or CA cannot be used",
    severity: "warning",
    about: "host",
    advice: "The message names the file. What was in force stays in force; without any, every TLS connection is refused.",
    dependsOn: [],
    // While a certificate and its key are replaced one after the other, they do not match.
    visibleAfterMs: 5000,
    find: forListener("tls-refused"),
  },
  {
    code: "tls-expiring",
    title: "The HTTP server's certificate expires soon",
    severity: "warning",
    about: "host",
    advice: "Renew the owner's certificate; the agent renews its own, so for that one see why it could not be written.",
    dependsOn: ["tls-refused"],
    visibleAfterMs: 0,
    find: forListener("tls-expiring"),
  },
  {
    code: "token-refused",
    title: "The HTTP server's bearer token cannot be used",
    severity: "warning",
    about: "host",
    advice: "Put one token of 20 characters or more into listen.token_file, readable by its owner only (0600).",
    dependsOn: [],
    visibleAfterMs: 5000,
    find: forListener("token-refused"),
  },
];
