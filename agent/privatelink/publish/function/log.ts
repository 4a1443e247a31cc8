export type Level = "info" | "warn" | "error";

/** Writes one line of JSON. */
export type Log = (level: Level, event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Not console.log, which Lambda puts a prefix before. */
export const logTo =
  (write: (line: string) => void, always: Readonly<Record<string, unknown>>): Log =>
  (level, event, fields = {}) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...always, ...fields })}\n`);

/** An error's name and message: never its stack, its request or its response. */
export const errorFields = (thrown: unknown): { readonly error: string; readonly message: string } =>
  thrown instanceof Error ? { error: thrown.name, message: thrown.message } : { error: "unknown", message: String(thrown) };
