import type { z } from "zod";
import { exampleAt, schemaAt } from "./example.ts";
import { nearest } from "./nearest.ts";
import { type Finding, type Path, valueAt } from "./path.ts";
import type { SchemaNode } from "./schema.ts";

type Issue = z.core.$ZodIssue;

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of keys to values",
};

const unknownKey = (path: Path, key: string, root: SchemaNode | undefined): Finding => {
  const known = Object.keys(schemaAt(path, root)?.properties ?? {});
  const meant = nearest(key, known);
  const shown = meant ?? known[0] ?? "";
  return {
    path: [...path, key],
    message: meant === undefined ? `unknown key; known here: ${known.join(", ")}` : `unknown key; did you mean ${meant}?`,
    example: `${shown}: ${exampleAt([...path, shown], root)}`,
    keyAtFault: true,
  };
};

const bound = (issue: { origin: string }, limit: number | bigint, word: "at least" | "at most"): string =>
  issue.origin === "array" ? `must have ${word} ${limit} ${limit === 1 ? "entry" : "entries"}` : `must be ${word} ${limit}`;

const sentence = (issue: Issue, missing: boolean): string => {
  if (missing && issue.code !== "custom") return "is required";
  if (issue.code === "invalid_type") return `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "too_small") return bound(issue, issue.minimum, "at least");
  if (issue.code === "too_big") return bound(issue, issue.maximum, "at most");
  return issue.message;
};

/** What zod found, in the words of someone who edits the file. `data` is what zod was given, `root` its schema unless the settings'. */
export const explain = (issue: Issue, data: unknown, root?: SchemaNode): readonly Finding[] => {
  const path = issue.path.map((segment) => (typeof segment === "symbol" ? String(segment) : segment));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, root));
  return [{ path, message: sentence(issue, valueAt(data, path) === undefined) }];
};
