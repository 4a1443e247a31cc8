const SECRET_KEY = /(?:^|[_-])(?:token|secret|password|passphrase|psk|key|credential)s?$/i;

/** Keys whose values say where a secret lies are not secrets: "token_file", "tls.key". */
const isPath = (value: unknown): boolean => typeof value === "string" && value.startsWith("/");

/** Settings with "[redacted]" for every value under a key that sounds like a secret. */
export const redactedSettings = (settings: unknown): unknown => {
  if (Array.isArray(settings)) return settings.map(redactedSettings);
  if (typeof settings !== "object" || settings === null) return settings;
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      const hide = SECRET_KEY.test(key) && !isPath(value) && (typeof value === "string" || typeof value === "number");
      return [key, hide ? "[redacted]" : redactedSettings(value)];
    }),
  );
};

/** The values themselves, to be looked for everywhere else. */
export const settingsSecrets = (settings: unknown): string[] => {
  if (typeof settings !== "object" || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]) => {
    if (SECRET_KEY.test(key) && !isPath(value) && (typeof value === "string" || typeof value === "number"))
      return [String(value)];
    return settingsSecrets(value);
  });
};

/** A file that settings name. */
export interface NamedFile {
  readonly path: string;
  /** Its whole content is one secret, as of `token_file`. */
  readonly sole: boolean;
}

/** Every file that settings name: a saved connection, keys, tokens. */
export const namedFiles = (settings: unknown, key = ""): NamedFile[] => {
  if (isPath(settings)) return [{ path: String(settings), sole: /token|secret|password|credential/i.test(key) }];
  if (typeof settings !== "object" || settings === null) return [];
  return Object.entries(settings).flatMap(([name, value]) => namedFiles(value, name));
};
