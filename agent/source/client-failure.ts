import { stripVTControlCharacters } from "node:util";
import { type ErrorCode, SpacegateError } from "../lib/errors.ts";
import { redactText } from "../lib/redact-text.ts";
import type { Secret } from "../lib/secret.ts";
import { oneLine } from "../lib/text.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";

export const unstartable = (errno: string): SpacegateError =>
  new SpacegateError("SOURCE_CLIENT_MISSING", `the heroku client cannot be started (${errno})`, {
    fix: "Install it (npm install --global heroku) where the service's PATH finds it, or use source: platform-api, which needs no client.",
  });

export const timedOut = (timeoutMs: number): SpacegateError =>
  new SpacegateError("SOURCE_UNAVAILABLE", `the heroku client did not end within ${timeoutMs / 1000} s`, {
    fix: "Wait, raise heroku.timeout, or use source: platform-api; the tunnels are not affected.",
  });

const KINDS: readonly { readonly pattern: RegExp; readonly code: ErrorCode; readonly fix: string }[] = [
  {
    pattern:
      /Error ID: unauthorized|token provided to HEROKU_API_KEY is invalid|Invalid credentials|not logged in|heroku login|browser to login/i,
    code: "SOURCE_UNAUTHORIZED",
    fix: "Make a token with `heroku authorizations:create --description spacegate` and put it where the old one is.",
  },
  {
    pattern: /Error ID: (forbidden|suspended|delinquent)/,
    code: "SOURCE_FORBIDDEN",
    fix: "Use a token of a user who may view the space's VPN.",
  },
  {
    pattern: /Error ID: rate_limit/,
    code: "SOURCE_RATE_LIMITED",
    fix: "Wait: the agent asks again by itself, and the tunnels are not affected.",
  },
  {
    pattern: /is not a heroku command|command .* not found/i,
    code: "SOURCE_CLIENT_MISSING",
    fix: "Update the heroku client: this one has no spaces:vpn:info.",
  },
];

/** What went wrong, from the lines that the client marks as an error, else from all of them. */
const wordsOf = (stderr: string, token: Secret | undefined): string => {
  const lines = stripVTControlCharacters(stderr)
    .split("\n")
    .map((line) => line.replace(/^\s*\u203a?\s*/, "").trim())
    .filter((line) => line !== "" && !/^warning:/i.test(line));
  const first = lines.findIndex((line) => /^error\b/i.test(line));
  return oneLine(redactText(lines.slice(Math.max(0, first)).join(" "), token ? [token] : []));
};

/** The client ended with another status than 0; its stdout is not looked at, for PSKs may stand there. */
export const clientFailure = (
  ref: ConnectionRef,
  exitCode: number | undefined,
  stderr: string,
  token: Secret | undefined,
): SpacegateError => {
  const kind = KINDS.find(({ pattern }) => pattern.test(stderr));
  const words = wordsOf(stderr, token);
  const ended = exitCode === undefined ? "was ended" : `ended with ${exitCode}`;
  return new SpacegateError(
    kind?.code ?? "SOURCE_UNAVAILABLE",
    `${connectionKey(ref)}: the heroku client ${ended}${words ? `: ${words}` : ""}`,
    {
      fix: kind?.fix ?? `Run \`heroku spaces:vpn:info ${ref.name} --space ${ref.space} --json\` by hand.`,
      details: { exitCode: exitCode ?? null },
    },
  );
};
