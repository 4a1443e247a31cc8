import Handlebars from "handlebars";
import { messageOf, SpacegateError } from "../lib/errors.ts";

export const TEMPLATE_NAMES = [
  "monitoring/prometheus.yml",
  "monitoring/spacegate.rules.yml",
  "monitoring/spacegate.rules.test.yml",
  "monitoring/spacegate-dashboard.json",
  "monitoring/runbook.md",
] as const;

export type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** The text of each template. */
export type TemplateTexts = Readonly<Record<TemplateName, string>>;

/** A value as JSON, which is YAML too: no text can break out of its quotes. */
export const quoted = (value: unknown): string => JSON.stringify(value);

const invalid = (name: TemplateName, thrown: unknown): SpacegateError =>
  new SpacegateError("TEMPLATE_INVALID", `The template ${name}.hbs cannot be filled in: ${messageOf(thrown)}`, {
    fix: `Correct or remove /etc/spacegate/templates/${name}.hbs; without it the built-in one is used.`,
    cause: thrown,
  });

/** The template filled in. Throws TEMPLATE_INVALID for a template that cannot be. */
export const fill = (texts: TemplateTexts, name: TemplateName, view: object): string => {
  try {
    return Handlebars.compile(texts[name], { strict: true, noEscape: true })(view);
  } catch (thrown) {
    throw invalid(name, thrown);
  }
};

/** The same, for a template of JSON: its mistakes show here rather than in Grafana, and every value has the same form. */
export const fillJson = (texts: TemplateTexts, name: TemplateName, view: object): string => {
  const text = fill(texts, name, view);
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch (thrown) {
    throw invalid(name, thrown);
  }
};
