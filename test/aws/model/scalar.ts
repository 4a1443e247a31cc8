import type { Shape } from "./service-model.ts";

/** What is wrong with a text by its length, pattern and enum; undefined when nothing is. */
export const textComplaint = (shape: Shape, text: string): string | undefined => {
  if (shape.enum && !shape.enum.includes(text)) return `${JSON.stringify(text)} is none of ${shape.enum.join(", ")}`;
  if (shape.min !== undefined && text.length < shape.min) return `${JSON.stringify(text)} is shorter than ${shape.min}`;
  if (shape.max !== undefined && text.length > shape.max) return `${text.length} characters are more than ${shape.max}`;
  if (shape.pattern !== undefined && !matches(shape.pattern, text))
    return `${JSON.stringify(text)} does not match ${shape.pattern}`;
  return undefined;
};

/** Java's patterns that JavaScript cannot read hold for nothing. */
const matches = (pattern: string, text: string): boolean => {
  try {
    return new RegExp(`^(?:${pattern})$`, "su").test(text);
  } catch {
    return true;
  }
};

/** What is wrong with a number by its type and range. */
export const numberComplaint = (shape: Shape, value: number): string | undefined => {
  const whole = shape.type === "integer" || shape.type === "long";
  if (!Number.isFinite(value) || (whole && !Number.isInteger(value))) return `${value} is no ${shape.type}`;
  if (shape.min !== undefined && value < shape.min) return `${value} is less than ${shape.min}`;
  if (shape.max !== undefined && value > shape.max) return `${value} is more than ${shape.max}`;
  return undefined;
};

/** What is wrong with the number of a list's or map's entries. */
export const countComplaint = (shape: Shape, count: number): string | undefined => {
  if (shape.min !== undefined && count < shape.min) return `${count} entries are fewer than ${shape.min}`;
  if (shape.max !== undefined && count > shape.max) return `${count} entries are more than ${shape.max}`;
  return undefined;
};

/** An instant as both protocols write it: whole seconds or milliseconds, in UTC. */
export const isTimestamp = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/.test(text) && !Number.isNaN(Date.parse(text));
