import { fileURLToPath } from "node:url";

/** The owner's templates: one that is there takes the built-in one's place. */
export const OWN_TEMPLATES = "/etc/spacegate/templates";

/** Beside main.ts and beside the bundle alike. */
export const BUILT_IN_TEMPLATES = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../templates" : "../templates", import.meta.url),
);
