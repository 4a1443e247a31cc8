import * as z from "zod";
import { settingsSchema } from "../model/settings.ts";

/** The part of JSON Schema that the settings use. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  /** The range of a duration, in words. */
  readonly $comment?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
}

/** Names the format, not a place: it changes only when a file that was right would be refused. */
export const SCHEMA_ID = "urn:spacegate:settings:1";

/**
 * JSON Schema (draft 2020-12) of the settings file as people write it: keys with a default are optional.
 * Rules between keys are not in it; `readSettings` knows them all.
 */
export const settingsJsonSchema = (): SchemaNode & { readonly $id: string; readonly $schema: string } => {
  const { $schema, ...schema } = z.toJSONSchema(settingsSchema, { io: "input", target: "draft-2020-12" });
  return { $schema: String($schema), $id: SCHEMA_ID, ...(schema as SchemaNode) };
};
