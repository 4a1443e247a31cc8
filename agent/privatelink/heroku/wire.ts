import * as z from "zod";
import { SpacegateError } from "../../lib/errors.ts";
import { parseJson } from "../../lib/json.ts";
import { oneLine } from "../../lib/text.ts";
import type { HerokuLink } from "../../model/privatelink.ts";

/** A value as it is, on one line; "" when Heroku does not say. */
const line = z
  .string()
  .nullish()
  .transform((value) => oneLine(value ?? ""));

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);

/** A name is what one goes on with, so it has to be there. */
const name = z.string().min(1).transform(oneLine);

const linkSchema = z.object({
  app: z.object({ name: line }).nullish(),
  addon: z.object({ name: line, uuid: line }).nullish(),
  status: name,
  service_name: line,
  allowed_accounts: listOf(z.object({ account_id: line, arn: line, status: line })),
  connections: listOf(z.object({ endpoint_id: line, hostname: line, owner_arn: line, status: line })),
});

/** One add-on of `POST /actions/addons/resolve`, as far as it counts here. */
export const addonsSchema = z.array(
  z.object({
    id: line,
    name,
    app: z.object({ name: line }).nullish(),
    addon_service: z.object({ name: line }).nullish(),
    plan: z.object({ name: line }).nullish(),
  }),
);

export const configVarsSchema = z.record(z.string(), z.string().nullish());

/** Throws SOURCE_MALFORMED, without any value: passwords may be among them. */
export const readWire = <T>(schema: z.ZodType<T>, body: string, about: string): T => {
  const fix = "Check HEROKU_HOST, HEROKU_DATA_HOST and the proxy: Heroku answers in JSON.";
  const result = schema.safeParse(parseJson(body, `Heroku's answer about ${about}`, fix));
  if (result.success) return result.data;
  const fields = [...new Set(result.error.issues.map(({ path }) => path.map(String).join(".") || "the whole"))].map(oneLine);
  throw new SpacegateError("SOURCE_MALFORMED", `Heroku's answer about ${about} is not as documented: ${fields.join(", ")}`, {
    fix,
  });
};

/** Source: GET and POST /private-link/v0/databases/{addon}. Throws SOURCE_MALFORMED. */
export const readLink = (body: string, about: string): HerokuLink => {
  const wire = readWire(linkSchema, body, about);
  return {
    app: wire.app?.name ?? "",
    addon: wire.addon ?? { name: "", uuid: "" },
    status: wire.status,
    serviceName: wire.service_name,
    allowedAccounts: wire.allowed_accounts.map(({ account_id, arn, status }) => ({ accountId: account_id, arn, status })),
    connections: wire.connections.map(({ endpoint_id, hostname, owner_arn, status }) => ({
      endpointId: endpoint_id,
      hostname,
      ownerArn: owner_arn,
      status,
    })),
  };
};
