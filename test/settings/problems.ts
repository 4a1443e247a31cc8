import { SpacegateError } from "../../agent/lib/errors.ts";
import { parseSettings } from "../../agent/settings/parse.ts";
import type { SettingsProblem } from "../../agent/settings/problem.ts";

export const FILE = "/etc/spacegate/config.yaml";

/** The smallest settings that are right. */
export const SMALLEST = `connections:
  - space: acme-space
    name: office
    local: { subnets: [172.16.0.0/16] }
`;

export const problemsOf = (error: SpacegateError): readonly SettingsProblem[] =>
  error.details.problems as readonly SettingsProblem[];

/** The refusal of a text; fails when the text is accepted. */
export const refusalOf = (text: string): SpacegateError => {
  try {
    parseSettings(text, FILE);
  } catch (thrown) {
    if (thrown instanceof SpacegateError && thrown.code === "SETTINGS_INVALID") return thrown;
    throw thrown;
  }
  throw new Error("was accepted");
};

/** "line:column path | message | value | example" of every problem, in order. */
export const told = (text: string): string[] =>
  problemsOf(refusalOf(text)).map(({ line, column, path, message, value = "-", example = "-" }) =>
    [`${line}:${column} ${path}`, message, value, example].join(" | "),
  );
