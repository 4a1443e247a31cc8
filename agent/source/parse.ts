import * as z from "zod";
import { SpacegateError } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";
import { hasControlCharacter, quoted } from "../lib/text.ts";
import type { Connection, ConnectionRef, TunnelDetails } from "../model/connection.ts";
import { connectionKey } from "../model/connection.ts";
import type { SourceAnswer } from "../model/source.ts";

const text = z.string().refine((value) => !hasControlCharacter(value), "holds a control character");
const filled = text.min(1, "is empty");
const optionalText = text.nullish().transform((value) => value ?? "");

/** What every answer must have, also while the connection is being made or unmade. */
const headSchema = z.object({ id: text.optional(), name: filled, status: filled, status_message: optionalText });

const tunnelSchema = z.object({
  ip: filled,
  pre_shared_key: filled,
  customer_ip: optionalText,
  status: optionalText,
  status_message: optionalText,
  last_status_change: optionalText,
});

const connectionSchema = headSchema.extend({
  ike_version: z.literal([1, 2], "must be 1 or 2"),
  public_ip: optionalText,
  routable_cidrs: z.array(filled),
  space_cidr_block: filled,
  tunnels: z.array(tunnelSchema),
});

type WireConnection = z.output<typeof connectionSchema>;

/**
 * The documented states in which details are not to be used. `failed` and `deprovisioning` are among them, not errors: they
 * say nothing about the tunnels that run, and only the owner's command takes those down. A state that is not listed here
 * (`active`, or one that Heroku invents) counts as usable, and the details decide.
 */
const UNUSABLE: Readonly<Record<string, string>> = {
  pending: "has not begun to make the connection",
  provisioning: "is still making the connection",
  deprovisioning: "is removing the connection",
  failed: "could not make the connection",
};

const fieldName = (path: readonly PropertyKey[]): string =>
  path.map((part, place) => (typeof part === "number" ? `[${part}]` : `${place > 0 ? "." : ""}${String(part)}`)).join("") ||
  "the connection";

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part], value);

/** Only plain strings and numbers are quoted, and never a PSK: a wrong type may hide one inside. */
const quotedValue = (value: unknown, issue: z.core.$ZodIssue): string => {
  const bad = valueAt(value, issue.path);
  if (issue.code === "invalid_type" || issue.path.includes("pre_shared_key")) return "";
  return typeof bad === "string" || typeof bad === "number" ? ` (${quoted(String(bad))})` : "";
};

const said = (issue: z.core.$ZodIssue): string => issue.message.replace(/^Invalid input: /, "");

const refuse = (ref: ConnectionRef, value: unknown, issues: readonly z.core.$ZodIssue[]): SpacegateError => {
  const problems = issues.slice(0, 5).map((issue) => `${fieldName(issue.path)}: ${said(issue)}${quotedValue(value, issue)}`);
  const malformed = issues.some((issue) => issue.code === "invalid_type");
  return new SpacegateError(
    malformed ? "SOURCE_MALFORMED" : "CONNECTION_INVALID",
    `the details of ${connectionKey(ref)} cannot be used: ${problems.join("; ")}`,
    {
      fix: `Compare with \`heroku spaces:vpn:info ${ref.name} --space ${ref.space} --json\`; what was in force stays in force.`,
      details: { fields: issues.map((issue) => fieldName(issue.path)) },
    },
  );
};

const read = <T>(schema: z.ZodType<T>, ref: ConnectionRef, value: unknown): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refuse(ref, value, result.error.issues);
};

const toTunnel = (wire: WireConnection["tunnels"][number], place: number): TunnelDetails => ({
  index: place === 0 ? 1 : 2,
  ip: wire.ip,
  customerIp: wire.customer_ip,
  psk: new Secret(wire.pre_shared_key),
  status: wire.status,
  statusMessage: wire.status_message,
  lastStatusChange: wire.last_status_change,
});

const toConnection = (ref: ConnectionRef, wire: WireConnection): Connection => ({
  space: ref.space,
  name: ref.name,
  status: wire.status,
  statusMessage: wire.status_message,
  ikeVersion: wire.ike_version,
  publicIp: wire.public_ip,
  routableCidrs: wire.routable_cidrs,
  spaceCidr: wire.space_cidr_block,
  tunnels: wire.tunnels.map(toTunnel),
});

const assertTwoAtMost = (ref: ConnectionRef, count: number): void => {
  if (count <= 2) return;
  throw new SpacegateError("CONNECTION_INVALID", `the details of ${connectionKey(ref)} have ${count} tunnels; 2 are known`, {
    fix: "Update spacegate: a connection had exactly two tunnels when this version was made.",
  });
};

const waiting = (reason: string, ref: ConnectionRef, value: unknown): SourceAnswer => {
  const whole = connectionSchema.safeParse(value);
  if (!whole.success || whole.data.tunnels.length > 2) return { kind: "waiting", reason };
  return { kind: "waiting", reason, connection: toConnection(ref, whole.data) };
};

/** Why the details cannot be used yet; undefined when they can. Tunnels before `active` do not count: Heroku may replace them. */
const reasonToWait = (head: z.output<typeof headSchema>, tunnels: unknown): string | undefined => {
  const unusable = UNUSABLE[head.status.toLowerCase()];
  if (unusable) return `Heroku ${unusable} (${head.status}${head.status_message ? `: ${head.status_message}` : ""})`;
  const count = Array.isArray(tunnels) ? tunnels.length : 0;
  const absent = tunnels === undefined || tunnels === null || (Array.isArray(tunnels) && count < 2);
  return absent ? `Heroku says ${head.status}, but gives ${count} of 2 tunnels` : undefined;
};

/**
 * One vpn-connection object of the Platform API (or the same saved from the client) as an answer about `ref`.
 * Throws SOURCE_MALFORMED (wrong types) or CONNECTION_INVALID (wrong values), naming the fields and never quoting a PSK.
 */
export const parseConnection = (ref: ConnectionRef, value: unknown): SourceAnswer => {
  const head = read(headSchema, ref, value);
  if (head.name !== ref.name && head.id !== ref.name) {
    throw new SpacegateError("SOURCE_MALFORMED", `asked for ${connectionKey(ref)}, got the connection ${quoted(head.name)}`, {
      fix: "Check the name in the settings, and what answers in Heroku's place.",
    });
  }
  const tunnels = valueAt(value, ["tunnels"]);
  const reason = reasonToWait(head, tunnels);
  if (reason !== undefined) return waiting(reason, ref, value);
  assertTwoAtMost(ref, Array.isArray(tunnels) ? tunnels.length : 0);
  return { kind: "ready", connection: toConnection(ref, read(connectionSchema, ref, value)) };
};

/** The connection as the Platform API writes it, PSKs in clear: only for the last good copy. */
export const toWire = (connection: Connection): Record<string, unknown> => ({
  name: connection.name,
  status: connection.status,
  status_message: connection.statusMessage,
  ike_version: connection.ikeVersion,
  public_ip: connection.publicIp,
  routable_cidrs: connection.routableCidrs,
  space_cidr_block: connection.spaceCidr,
  tunnels: connection.tunnels.map((tunnel) => ({
    ip: tunnel.ip,
    customer_ip: tunnel.customerIp,
    pre_shared_key: tunnel.psk.reveal(),
    status: tunnel.status,
    status_message: tunnel.statusMessage,
    last_status_change: tunnel.lastStatusChange,
  })),
});
