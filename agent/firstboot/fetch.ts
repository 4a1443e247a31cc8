import { messageOf, SpacegateError } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";
import type { FirstBoot } from "../model/first-boot.ts";
import { keepTrying } from "./patience.ts";
import type { Pace, Vault } from "./seams.ts";

/** Text from one of the places that a first-boot file can name. */
export interface Fetched {
  readonly value: Secret;
  /** As messages name it. */
  readonly origin: string;
  readonly notes: readonly string[];
}

export interface Sources {
  readonly vault: Vault;
  /** A file of this host. Rejects with the system's error. */
  readonly readText: (path: string) => Promise<string>;
}

const refuse = (message: string, fix: string, cause?: unknown): SpacegateError =>
  new SpacegateError("FIRST_BOOT_REFUSED", message, { fix, cause });

const fromFile = async (path: string, { readText }: Sources): Promise<Fetched> => {
  const text = await readText(path).catch((thrown: unknown) => {
    throw refuse(
      `${path} cannot be read: ${messageOf(thrown)}`,
      "Correct the path in the first-boot file, or put the file there.",
    );
  });
  if (text.trim() === "") throw refuse(`${path} is empty.`, "Put the value into it.");
  return { value: new Secret(text), origin: path, notes: [] };
};

const fromParameter = async (name: string, { vault }: Sources, pace: Pace): Promise<Fetched & { readonly plain: boolean }> => {
  const { value, plain } = await keepTrying(pace, () => vault.parameter(name));
  return { value, plain, origin: `the parameter ${name}`, notes: [] };
};

/** The settings' text; a value in the file itself is the caller's. */
export const fetchSettings = (
  wanted: Pick<FirstBoot["settings"], "file" | "ssm_parameter">,
  sources: Sources,
  pace: Pace,
): Promise<Fetched> =>
  wanted.file === undefined ? fromParameter(wanted.ssm_parameter ?? "", sources, pace) : fromFile(wanted.file, sources);

const wrongKey = (id: string, key: string, why: string): SpacegateError =>
  refuse(`The secret ${id} ${why}.`, `Make it a JSON object with a text at ${JSON.stringify(key)}, or correct token.key.`);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Parsers quote what they were given: their words stay here. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const pickKey = (id: string, text: Secret, key: string): Secret => {
  const held = parsed(text.reveal());
  if (!isObject(held) || Array.isArray(held)) throw wrongKey(id, key, "is no JSON object");
  const value = Object.hasOwn(held, key) ? held[key] : undefined;
  if (typeof value !== "string" || value.trim() === "") throw wrongKey(id, key, `has no text at ${JSON.stringify(key)}`);
  return new Secret(value);
};

const fromSecret = async (id: string, key: string | undefined, { vault }: Sources, pace: Pace): Promise<Fetched> => {
  const text = await keepTrying(pace, () => vault.secret(id));
  return { value: key === undefined ? text : pickKey(id, text, key), origin: `the secret ${id}`, notes: [] };
};

/** The token, not looked at yet. */
export const fetchToken = async (wanted: NonNullable<FirstBoot["token"]>, sources: Sources, pace: Pace): Promise<Fetched> => {
  if (wanted.file !== undefined) return fromFile(wanted.file, sources);
  if (wanted.secret !== undefined) return fromSecret(wanted.secret, wanted.key, sources, pace);
  const fetched = await fromParameter(wanted.ssm_parameter ?? "", sources, pace);
  const note = `${fetched.origin} is stored without encryption: make it a SecureString.`;
  return fetched.plain ? { ...fetched, notes: [note] } : fetched;
};
