import type { Secret } from "../../lib/secret.ts";
import { oneLine } from "../../lib/text.ts";
import { LinkTrial } from "./trial.ts";
import type { Parse, Wire } from "./wire.ts";

/* Redis' hello. Source: redis.io, "Redis serialization protocol specification" (RESP2). */

/** How a client of the link signs in; Heroku's URLs often have a password only. */
export interface Login {
  readonly user: string;
  readonly password: Secret;
}

/** A simple string (+) or an error (-). */
interface Reply {
  readonly isError: boolean;
  readonly text: string;
}

const MAX_LINE = 1024;

const notRedis = (): LinkTrial =>
  new LinkTrial("What answers is not Redis.", "Check the link's port and protocol: Heroku Key-Value Store listens on 6379.");

/** One line's reply. Of the other types none answers PING or AUTH. */
export const parseReply: Parse<Reply> = (bytes) => {
  const type = String.fromCharCode(bytes[0] ?? 0);
  if (type !== "+" && type !== "-") throw notRedis();
  const end = bytes.indexOf("\r\n");
  if (end === -1 && bytes.length <= MAX_LINE) return undefined;
  const line = bytes.subarray(1, end);
  if (end === -1 || end > MAX_LINE || line.some((byte) => byte < 0x20)) throw notRedis();
  return { isError: type === "-", text: line.toString("utf8") };
};

/** A command as an array of bulk strings. */
export const command = (...words: readonly string[]): Buffer =>
  Buffer.from(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`);

const signIn = async (wire: Wire, { user, password }: Login): Promise<Reply> => {
  wire.send(user === "" ? command("AUTH", password.reveal()) : command("AUTH", user, password.reveal()));
  return wire.read(parseReply);
};

/** An error is Redis' own word too, so that it proves as much of the way there as PONG does. */
const errorWords = (text: string): string =>
  text.startsWith("NOAUTH") ? "Redis answers and asks for a password" : `Redis answers: ${oneLine(text)}`;

/** PING, after AUTH when a login is known. Resolves to what is proven, in words; rejects with a LinkTrial. */
export const redisHello = async (wire: Wire, login?: Login): Promise<string> => {
  if (login) {
    const reply = await signIn(wire, login);
    if (reply.isError) return `Redis answers, but refuses the password: ${oneLine(reply.text)}`;
  }
  wire.send(command("PING"));
  const { isError, text } = await wire.read(parseReply);
  if (isError) return errorWords(text);
  if (text !== "PONG") throw notRedis();
  return "Redis answers PONG";
};
