/** Where in the settings: ["connections", 0, "local"]. */
export type Path = readonly (string | number)[];

/** What is wrong with one place, before it is known where in the file that place is. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** Only where the schema's own example would not do. */
  readonly example?: string;
  /** The key is at fault, not its value: the value is not shown, it may be a secret in the wrong place. */
  readonly keyAtFault?: true;
}

/** Invisible and control characters become escapes, so that a message cannot change the terminal that shows it. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

const shorten = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

const segmentText = (segment: string | number): string => {
  if (typeof segment === "number") return `[${segment}]`;
  return /^[\w-]{1,60}$/.test(segment) ? `.${segment}` : `[${shorten(visible(JSON.stringify(segment)), 60)}]`;
};

/** "connections[0].local.subnets[1]"; "" for the whole file. */
export const pathText = (path: Path): string => path.map(segmentText).join("").replace(/^\./, "");

/** The value at a path of plain data; undefined where the path leads nowhere. */
export const valueAt = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, segment) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    return (value as Record<string | number, unknown>)[segment];
  }, data);

/** Heroku's tokens, UUIDs, and long unbroken runs as generated PSKs are. */
const SECRET_LIKE = /HRKU-|[0-9a-f]{8}-[0-9a-f]{4}-|[A-Za-z0-9._]{28,}/;

/** A value for a message: one line, short, nothing that looks like a secret. */
export const valueText = (value: unknown): string => {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value !== "string") return String(value);
  return SECRET_LIKE.test(value) ? '"[redacted]"' : shorten(visible(JSON.stringify(value)), 60);
};
