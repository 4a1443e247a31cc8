import { type Settings, settingsSchema } from "../model/settings.ts";
import { type ParsedDocument, parseYaml } from "./document.ts";
import { exampleAt } from "./example.ts";
import { explain } from "./explain.ts";
import { type Finding, pathText, valueAt, valueText } from "./path.ts";
import { type SettingsProblem, settingsError } from "./problem.ts";
import { brokenRules } from "./rules.ts";

const shownValue = (finding: Finding, data: unknown): string | undefined => {
  const value = valueAt(data, finding.path);
  return finding.keyAtFault || value === undefined ? undefined : valueText(value);
};

const toProblem = (file: string, document: ParsedDocument, finding: Finding): SettingsProblem => {
  const value = shownValue(finding, document.data);
  const example = finding.example ?? exampleAt(finding.path);
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

/**
 * The settings in the text of a settings file (YAML); `file` is only named in messages.
 * Throws SETTINGS_INVALID with every problem there is, in the order of the file.
 */
export const parseSettings = (text: string, file: string): Settings => {
  const document = parseYaml(text);
  if (document.empty) throw settingsError([emptyFile(file)]);
  const syntax = document.findings.map(({ path, ...rest }) => ({ file, path: pathText(path), ...rest }));
  if (document.data === undefined) throw settingsError(syntax);
  const result = settingsSchema.safeParse(document.data);
  const issues = result.error?.issues.flatMap((issue) => explain(issue, document.data)) ?? [];
  const findings = firstForEachPath([...issues, ...brokenRules(document.data)]);
  const problems = [...syntax, ...findings.map((finding) => toProblem(file, document, finding))];
  if (!result.success || problems.length > 0)
    throw settingsError(problems.sort((a, b) => a.line - b.line || a.column - b.column));
  return result.data;
};

const emptyFile = (file: string): SettingsProblem => {
  const example = exampleAt([]);
  return { file, line: 0, column: 0, path: "", message: "is empty", ...(example ? { example } : {}) };
};
