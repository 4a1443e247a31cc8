import * as z from "zod";
import { SpacegateError } from "../lib/errors.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";

const labelSchema = z.looseObject({
  id: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  space: z.object({ name: z.string() }).optional().catch(undefined),
  space_name: z.string().optional().catch(undefined),
});

interface Candidate {
  readonly value: object;
  readonly names: readonly (string | undefined)[];
  /** Heroku's client does not write it; a file of several spaces should say it. */
  readonly space: string | undefined;
}

const toCandidate = (value: unknown, place: number, origin: string): Candidate => {
  const label = labelSchema.safeParse(value);
  if (!label.success) {
    throw new SpacegateError("SOURCE_MALFORMED", `${origin}: entry [${place}] is no object`, {
      fix: "Put one connection's JSON there, or several in an array.",
    });
  }
  return {
    value: label.data,
    names: [label.data.name, label.data.id],
    space: label.data.space?.name ?? label.data.space_name,
  };
};

const failure = (code: "SOURCE_NOT_FOUND" | "CONNECTION_INVALID", message: string, fix: string): SpacegateError =>
  new SpacegateError(code, message, { fix });

/**
 * The one object about `ref` in `value`, an object or an array of them: by name (or id), and by space where an object tells its
 * space (`space.name` or `space_name`). Throws SOURCE_NOT_FOUND, SOURCE_MALFORMED, or CONNECTION_INVALID when several fit.
 */
export const pickConnection = (ref: ConnectionRef, value: unknown, origin: string): object => {
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  const named = entries.map((entry, place) => toCandidate(entry, place, origin)).filter(({ names }) => names.includes(ref.name));
  const exact = named.filter(({ space }) => space === ref.space);
  const fitting = exact.length > 0 ? exact : named.filter(({ space }) => space === undefined);
  const [only, second] = fitting;
  if (only && !second) return only.value;
  const key = connectionKey(ref);
  if (!only)
    throw failure("SOURCE_NOT_FOUND", `${origin} has no connection ${key}`, "Save its JSON there too, or correct the settings.");
  throw failure("CONNECTION_INVALID", `${origin} has ${key} ${fitting.length} times`, 'Give each entry its own "space_name".');
};
