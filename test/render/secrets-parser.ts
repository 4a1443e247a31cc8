export interface SecretEntry {
  readonly selectors: readonly string[];
  readonly type: string;
  readonly secret: string;
}

const decode = (written: string): string => {
  if (written.startsWith("0s")) {
    const text = written.slice(2);
    if (text.length % 4 !== 0) throw new Error("charon cuts unpadded base64 short");
    return Buffer.from(text, "base64").toString("utf8");
  }
  if (written.startsWith("0x")) return Buffer.from(written.slice(2), "hex").toString("utf8");
  return written;
};

/** A value ends at its first matching quote, or at a blank when it has none: nothing can be escaped. */
const readValue = (text: string): { secret: string; rest: string } => {
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, 1);
    if (end === -1) throw new Error("a quote is never closed");
    return { secret: text.slice(1, end), rest: text.slice(end + 1) };
  }
  const [written = ""] = text.split(/[ \t]/, 1);
  return { secret: decode(written), rest: text.slice(written.length) };
};

const entryOf = (line: string): SecretEntry => {
  const at = line.indexOf(" : ");
  if (at === -1) throw new Error(`no " : " in ${JSON.stringify(line)}`);
  const [, type = "", value = ""] = /^(\S+) (.*)$/.exec(line.slice(at + 3)) ?? [];
  const { secret, rest } = readValue(value);
  if (rest.trim() !== "" && !rest.trim().startsWith("#"))
    throw new Error(`something follows the secret: ${JSON.stringify(rest)}`);
  return {
    selectors: line
      .slice(0, at)
      .split(/[ \t]+/)
      .filter(Boolean),
    type,
    secret,
  };
};

/**
 * ipsec.secrets as strongSwan's manual page describes it: a line an entry, `#` begins a comment at the start of a line,
 * `SELECTORS : TYPE VALUE`. Throws where charon would discard the rest of the file.
 */
export const parseSecrets = (text: string): SecretEntry[] =>
  text
    .split(/\r\n|[\r\n]/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map(entryOf);
