import type { ViciMessage, ViciValue } from "./types.ts";

const EMPTY: ViciMessage = Object.freeze(Object.create(null));

const isSection = (value: ViciValue | undefined): value is ViciMessage => typeof value === "object" && !Array.isArray(value);

/** The text at `key`; undefined when there is none, or when it is a list or a section. */
export const textAt = (message: ViciMessage, key: string): string | undefined => {
  const value = message[key];
  return typeof value === "string" ? value : undefined;
};

/** A whole number; undefined when the key is absent or its text is anything else. Above 2^53 the last digits are lost. */
export const numberAt = (message: ViciMessage, key: string): number | undefined => {
  const text = textAt(message, key);
  return text !== undefined && /^-?\d{1,20}$/.test(text) ? Number(text) : undefined;
};

/** charon writes marks and interface ids as bare hexadecimal digits. */
export const hexAt = (message: ViciMessage, key: string): number | undefined => {
  const text = textAt(message, key);
  return text !== undefined && /^[0-9a-fA-F]{1,8}$/.test(text) ? Number.parseInt(text, 16) : undefined;
};

/** "yes" is true; anything else, and absence, is false. */
export const flagAt = (message: ViciMessage, key: string): boolean => message[key] === "yes";

/** The list at `key`; empty when there is none. */
export const listAt = (message: ViciMessage, key: string): readonly string[] => {
  const value = message[key];
  return Array.isArray(value) ? value : [];
};

/** The section at `key`; empty when there is none. */
export const sectionAt = (message: ViciMessage, key: string): ViciMessage => {
  const value = message[key];
  return isSection(value) ? value : EMPTY;
};

/** Every section in the message with its name. */
export const sectionsOf = (message: ViciMessage): [string, ViciMessage][] =>
  Object.entries(message).filter((entry): entry is [string, ViciMessage] => isSection(entry[1]));
