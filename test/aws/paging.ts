import type { Filter, Tag } from "@aws-sdk/client-ec2";
import { AwsFault } from "./model/server.ts";

interface Asked {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
}

/** One page of what was found, with the token of the next. */
export const pageOf = <T>(
  all: readonly T[],
  { NextToken, MaxResults }: Asked,
  size: number,
): { items: T[]; NextToken?: string } => {
  const start = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, "base64").toString());
  if (!Number.isInteger(start)) throw new AwsFault("InvalidNextToken", "The token is not valid.");
  const end = start + Math.min(MaxResults ?? size, size);
  const items = all.slice(start, end);
  return end < all.length ? { items, NextToken: Buffer.from(String(end)).toString("base64") } : { items };
};

const valuesOf = (fields: Readonly<Record<string, readonly string[]>>, name: string): readonly string[] => {
  const values = fields[name];
  if (!values) throw new AwsFault("InvalidParameterValue", `The filter '${name}' is invalid`);
  return values;
};

/** In EC2's filters * stands for any characters, and ? for one. */
const matches = (value: string, pattern: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(value);
};

/** True when every filter finds one of its values. A filter that is not among `fields` is refused, as EC2 does. */
export const passes = (
  filters: readonly Filter[] | undefined,
  fields: Readonly<Record<string, readonly string[]>>,
  tags: readonly Tag[] = [],
): boolean =>
  (filters ?? []).every(({ Name = "", Values = [] }) => {
    const key = Name.startsWith("tag:") ? Name.slice(4) : undefined;
    const actual =
      key === undefined ? valuesOf(fields, Name) : tags.flatMap(({ Key, Value }) => (Key === key ? (Value ?? "") : []));
    return actual.some((value) => Values.some((pattern) => matches(value, pattern)));
  });
