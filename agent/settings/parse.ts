import type * as z from "zod";
import { type Settings, settingsSchema } from "../model/settings.ts";
import { type ParsedDocument, parseYaml } from "./document.ts";
import { exampleAt } from "./example.ts";
import { explain } from "./explain.ts";
import { type Finding, pathText, valueAt, valueText } from "./path.ts";
import { type SettingsProblem, settingsError } from "./problem.ts";
import { brokenRules } from "./rules.ts";
import type { SchemaNode } from "./schema.ts";

/** What a file may hold. */
export interface Grammar<T> {
  readonly schema: z.ZodType<T>;
  /** The same for messages; the settings' own when it is absent. */
  readonly nodes?: SchemaNode;
  /** What the schema cannot say: looks at the raw data. */
  readonly rules: (data: unknown) => readonly Finding[];
  /** What to do about a file that is wrong. */
  readonly fix?: string;
}

const shownValue = (finding: Finding, data: unknown): string | undefined => {
  const value = valueAt(data, finding.path);
  return finding.keyAtFault || value === undefined ? undefined : valueText(value);
};

const toProblem = (file: string, document: ParsedDocument, finding: Finding, nodes?: SchemaNode): SettingsProblem => {
  const value = shownValue(finding, document.data);
  const example = finding.example ?? exampleAt(finding.path, nodes);
  return {
    file,
    ...document.positionOf(finding.path, finding.keyAtFault ?? false),
    path: pathText(finding.path),
    message: finding.message,
    ...(value === undefined ? {} : { value }),
    ...(example === undefined ? {} : { example }),
  };
};

/** One value, one complaint: the schema's comes before the rules'. */
const firstForEachPath = (findings: readonly Finding[]): Finding[] => {
  const byPath = new Map<string, Finding>();
  for (const finding of findings) {
    const key = pathText(finding.path);
    if (!byPath.has(key)) byPath.set(key, finding);
  }
  return [...byPath.values()];
};

const emptyFile = (file: string, nodes?: SchemaNode): SettingsProblem => {
  const example = exampleAt([], nodes);
  return { file, line: 0, column: 0, path: "", message: "is empty", ...(example ? { example } : {}) };
};

/**
 * What the text of a file (YAML) holds; `file` is only named in messages.
 * Throws SETTINGS_INVALID with every problem there is, in the order of the file.
 */
export const parseAs = <T>({ schema, nodes, rules, fix }: Grammar<T>, text: string, file: string): T => {
  const document = parseYaml(text);
  if (document.empty) throw settingsError([emptyFile(file, nodes)], fix);
  const syntax = document.findings.map(({ path, ...rest }) => ({ file, path: pathText(path), ...rest }));
  if (document.data === undefined) throw settingsError(syntax, fix);
  const result = schema.safeParse(document.data);
  const issues = result.error?.issues.flatMap((issue) => explain(issue, document.data, nodes)) ?? [];
  const findings = firstForEachPath([...issues, ...rules(document.data)]);
  const problems = [...syntax, ...findings.map((finding) => toProblem(file, document, finding, nodes))];
  if (!result.success || problems.length > 0)
    throw settingsError(
      problems.sort((a, b) => a.line - b.line || a.column - b.column),
      fix,
    );
  return result.data;
};

/** The settings in the text of a settings file. Throws SETTINGS_INVALID, see `parseAs`. */
export const parseSettings = (text: string, file: string): Settings =>
  parseAs({ schema: settingsSchema, rules: brokenRules }, text, file);
