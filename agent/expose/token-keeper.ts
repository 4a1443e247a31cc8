import { createHash, timingSafeEqual } from "node:crypto";
import { readBounded } from "../lib/bounded-file.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { Secret } from "../lib/secret.ts";
import type { ListenerTrouble } from "../model/status.ts";

/** RFC 6750's characters; shorter ones can be guessed. */
const TOKEN = /^[A-Za-z0-9\-._~+/]{20,}=*$/;

const unusable = (message: string, fix: string): SpacegateError => new SpacegateError("ACCESS_TOKEN_UNUSABLE", message, { fix });

/** The token in the file. Rejects with ACCESS_TOKEN_UNUSABLE or HOST_READ_FAILED, which never quote what is in it. */
const readAccessToken = async (file: string): Promise<Secret> => {
  const { text, mode } = await readBounded(file);
  if ((mode & 0o077) !== 0)
    throw unusable(`${file} is open to others than its owner.`, `Make a new token, and chmod 600 ${file}`);
  const token = text.trim();
  if (!TOKEN.test(token))
    throw unusable(
      `${file} does not hold a token of 20 characters or more on one line.`,
      `Make one, as root: (umask 077; openssl rand -hex 32 >${file})`,
    );
  return new Secret(token);
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The token in an Authorization header: Bearer's, or Basic's password, which is what browsers can send. */
const presented = (header: string): string => {
  const [scheme = "", value = ""] = header.trim().split(/ +/, 2);
  if (/^bearer$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return "";
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
};

export interface TokenKeeperOptions {
  readonly file: string;
  readonly log: Log;
  /** Keeps the token out of logs. */
  readonly remember: (token: Secret) => void;
}

/** Knows the bearer token that the file holds now; while it holds none nobody is let in. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  #expected: Buffer | undefined;
  #refused: ListenerTrouble | undefined;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
  }

  get troubles(): readonly ListenerTrouble[] {
    return this.#refused ? [this.#refused] : [];
  }

  /** Reads the file anew. Never rejects. */
  async check(): Promise<void> {
    try {
      const token = await readAccessToken(this.#options.file);
      this.#options.remember(token);
      this.#expected = digest(token.reveal());
      this.#refused = undefined;
    } catch (thrown) {
      this.#expected = undefined;
      this.#refuse(thrown);
    }
  }

  /** Takes the same time for every token, right or wrong. */
  allows(authorization: string | undefined): boolean {
    const token = presented(authorization ?? "");
    return this.#expected !== undefined && timingSafeEqual(digest(token), this.#expected);
  }

  #refuse(thrown: unknown): void {
    const text = `${messageOf(thrown)} Until then only /livez is served over the network.`;
    const fix = thrown instanceof SpacegateError ? thrown.fix : "See the agent's log.";
    if (this.#refused?.text !== text) this.#options.log.warn({ fix }, text);
    this.#refused = { code: "token-refused", text, fix };
  }
}
