import { protocolError } from "./problem.ts";
import type { ViciMessage, ViciValue } from "./types.ts";

// Element types of a message. Source: strongSwan, src/libcharon/plugins/vici/README.md.
const SECTION_START = 1;
const SECTION_END = 2;
const KEY_VALUE = 3;
const LIST_START = 4;
const LIST_ITEM = 5;
const LIST_END = 6;

/** charon's own messages nest 5 deep at most (list-sas); the bound keeps garbage from growing a stack. */
const MAX_DEPTH = 32;
const MAX_NAME_BYTES = 0xff;
const MAX_VALUE_BYTES = 0xffff;

type Section = { [key: string]: ViciValue };

/** Without a prototype, so that a key like __proto__ is a key like any other. */
const newSection = (): Section => Object.create(null);

/** Reads lengths and texts from a message; each read checks that the bytes are there. */
class Cursor {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#offset];
    if (value === undefined) throw protocolError("a message that ends in the middle of an element");
    this.#offset += 1;
    return value;
  }

  name(): string {
    return this.#text(this.byte());
  }

  value(): string {
    return this.#text(this.byte() * 256 + this.byte());
  }

  #text(length: number): string {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw protocolError("a message that ends in the middle of a text");
    const text = this.#bytes.toString("utf8", this.#offset, end);
    this.#offset = end;
    return text;
  }
}

const decodeList = (cursor: Cursor): string[] => {
  const items: string[] = [];
  for (let type = cursor.byte(); type !== LIST_END; type = cursor.byte()) {
    if (type !== LIST_ITEM) throw protocolError(`element type ${type} inside a list`);
    items.push(cursor.value());
  }
  return items;
};

/** Adds the elements up to the end of the section; the outermost section (depth 0) ends with the bytes. */
const decodeSection = (cursor: Cursor, depth: number): Section => {
  if (depth > MAX_DEPTH) throw protocolError(`a message that nests more than ${MAX_DEPTH} sections`);
  const section = newSection();
  while (depth > 0 || !cursor.done) {
    const type = cursor.byte();
    if (type === SECTION_END && depth > 0) return section;
    if (type !== KEY_VALUE && type !== LIST_START && type !== SECTION_START)
      throw protocolError(`element type ${type} inside a section`);
    const name = cursor.name();
    if (type === KEY_VALUE) section[name] = cursor.value();
    else if (type === LIST_START) section[name] = decodeList(cursor);
    else section[name] = decodeSection(cursor, depth + 1);
  }
  return section;
};

/**
 * Reads a message. Texts are taken as UTF-8; bytes that are not become U+FFFD, because charon passes on what a peer sent (an
 * identity, a vendor's notice) and that must not cut the connection. Of a name that comes twice in one section the last wins.
 * Throws VICI_PROTOCOL for anything that is no message.
 */
export const decodeMessage = (bytes: Buffer): ViciMessage => decodeSection(new Cursor(bytes), 0);

const encodeName = (type: number, name: string): Buffer => {
  const bytes = Buffer.from(name, "utf8");
  if (bytes.length > MAX_NAME_BYTES)
    throw new RangeError(`a VICI name has ${MAX_NAME_BYTES} bytes at most: ${name.slice(0, 40)}…`);
  return Buffer.concat([Buffer.of(type, bytes.length), bytes]);
};

/** The text is not quoted in the error: it may be a secret. */
const encodeValue = (text: string): Buffer => {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > MAX_VALUE_BYTES)
    throw new RangeError(`a VICI value has ${MAX_VALUE_BYTES} bytes at most, not ${bytes.length}`);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
};

const encodeElement = ([name, value]: [string, ViciValue]): Buffer[] => {
  if (typeof value === "string") return [encodeName(KEY_VALUE, name), encodeValue(value)];
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => [Buffer.of(LIST_ITEM), encodeValue(item)]);
    return [encodeName(LIST_START, name), ...items, Buffer.of(LIST_END)];
  }
  return [encodeName(SECTION_START, name), ...Object.entries(value).flatMap(encodeElement), Buffer.of(SECTION_END)];
};

/** Writes a message. Throws RangeError for a name or a value that is longer than the format allows: that is a bug of the caller. */
export const encodeMessage = (message: ViciMessage): Buffer => Buffer.concat(Object.entries(message).flatMap(encodeElement));
