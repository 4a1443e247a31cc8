import Handlebars from "handlebars";
import { messageOf, SpacegateError } from "../lib/errors.ts";

export const TEMPLATE_NAMES = ["ipsec.conf", "ipsec.secrets", "strongswan.conf", "firewall.nft"] as const;

export type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** The text of each template. */
export type TemplateTexts = Readonly<Record<TemplateName, string>>;

/**
 * What a template sees: strings, absent keys and lists of the same. Numbers are made strings before they come here,
 * because without escaping Handlebars adds adjacent numbers up.
 */
export interface View {
  readonly [key: string]: string | undefined | readonly View[];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must never reach a file.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const refuseControlCharacters = (view: View): void => {
  for (const [key, value] of Object.entries(view)) {
    if (typeof value === "string" && CONTROL.test(value))
      throw new SpacegateError("CONNECTION_INVALID", `${key} contains a control character; nothing was written.`, {
        fix: "A line break in a value can add lines to strongSwan's files. Look where the value comes from.",
      });
    if (Array.isArray(value)) value.forEach(refuseControlCharacters);
  }
};

/** A view in which no text can add a line to a file. */
export interface CheckedView {
  readonly checked: View;
}

/** Throws CONNECTION_INVALID for control characters, naming the key. */
export const checkView = (view: View): CheckedView => {
  refuseControlCharacters(view);
  return { checked: view };
};

// Handlebars' default escaping is HTML's and breaks PSKs; control characters, the only thing that could break out of a line, are refused above.
const compile = (text: string): Handlebars.TemplateDelegate<View> => Handlebars.compile(text, { strict: true, noEscape: true });

// Templates change when an owner edits them, views change every pass: compiling is the expensive half.
const compiled = new Map<string, Handlebars.TemplateDelegate<View>>();

const compiledOnce = (text: string): Handlebars.TemplateDelegate<View> => {
  const known = compiled.get(text);
  if (known) return known;
  if (compiled.size > 20) compiled.clear();
  const fresh = compile(text);
  compiled.set(text, fresh);
  return fresh;
};

/** The template filled in. Throws TEMPLATE_INVALID for a template that cannot be. */
export const fill = (name: TemplateName, text: string, { checked }: CheckedView): string => {
  try {
    return compiledOnce(text)(checked);
  } catch (thrown) {
    throw new SpacegateError("TEMPLATE_INVALID", `The template ${name}.hbs cannot be filled in: ${messageOf(thrown)}`, {
      fix: `Correct or remove /etc/spacegate/templates/${name}.hbs; without it the built-in one is used.`,
      cause: thrown,
    });
  }
};
