import * as z from "zod";
import { isHerokuName } from "../lib/heroku-name.ts";
import { parseCidr } from "../lib/ip.ts";
import type { LinkProtocol } from "./privatelink.ts";
import { durationSchema, isSound } from "./settings-parts.ts";

/** A resource's id in AWS, as EC2 writes it. */
const awsId = (prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`), `must be an id of AWS's, ${prefix}- and 8 or 17 hex digits`)
    .meta({ examples: [`${prefix}-0a1b2c3d4e5f60718`] });

const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, "must be an IPv4 block whose host bits are zero")
  .refine((text) => parseCidr(text)?.bits !== 0, "would let everybody in: name the networks that need the link")
  .meta({ pattern: "^\\d+\\.\\d+\\.\\d+\\.\\d+/\\d+$", examples: ["10.20.0.0/16"] });

const herokuName = z.string().refine(isHerokuName, "must be lower-case letters, digits and inner hyphens, 64 at most");

/** Heroku's own limits on names of users and roles are IAM's. */
const account = z
  .string()
  .regex(
    /^\d{12}(:root|:(user|role)\/[\w+=,.@-]{1,64})?$/,
    "must be ID, ID:user/NAME, ID:role/NAME or ID:root, ID being 12 digits",
  )
  .meta({ examples: ["123456789012"] });

const jsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const DEFAULT_PORTS: Readonly<Record<Exclude<LinkProtocol, "tcp">, number>> = {
  redis: 6379,
  postgres: 5432,
  https: 443,
  kafka: 9096,
};

/** Heroku names its add-ons after their service: redis-curved-12345. */
const BY_ADDON: readonly (readonly [RegExp, LinkProtocol])[] = [
  [/(^|-)(redis|kvs)(-|$)/, "redis"],
  [/(^|-)(postgres|postgresql)(-|$)/, "postgres"],
  [/(^|-)kafka(-|$)/, "kafka"],
];

/** AWS's own services, not those that somebody publishes. */
const OF_AWS = /^(com\.amazonaws|aws\.api)\.(?!vpce\.)/;
const GATEWAYS = /^com\.amazonaws\.[a-z0-9-]+\.(s3|dynamodb)$/;

interface Spoken {
  readonly addon?: string | undefined;
  readonly service?: string | undefined;
  readonly protocol?: LinkProtocol | undefined;
  readonly port?: number | undefined;
}

/** What the far end speaks: as set, else as the add-on's or the service's name tells; undefined when neither does. */
export const protocolOf = ({ addon, service, protocol }: Spoken): LinkProtocol | undefined => {
  if (protocol !== undefined) return protocol;
  if (service !== undefined) return OF_AWS.test(service) ? "https" : undefined;
  return BY_ADDON.find(([pattern]) => addon !== undefined && pattern.test(addon))?.[1];
};

/** The port that is set, else the protocol's own; undefined for plain TCP. */
export const portOf = (entry: Spoken): number | undefined => {
  const protocol = protocolOf(entry);
  return entry.port ?? (protocol === undefined || protocol === "tcp" ? undefined : DEFAULT_PORTS[protocol]);
};

const keys = z.strictObject({
  name: herokuName.meta({
    description: "The link's own name: on this gateway, in metrics, and in the tag of what the agent makes in AWS.",
    examples: ["orders-redis"],
  }),
  app: herokuName.optional().meta({ description: "With addon: the Heroku app.", examples: ["acme-app"] }),
  addon: herokuName.optional().meta({
    description: "With app: the data service's add-on, as `heroku addons` shows it.",
    examples: ["redis-kvs-12345"],
  }),
  service: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+){2,}$/, "must be a service's name as AWS shows it")
    .optional()
    .meta({
      description: "Instead of app and addon: an endpoint service by its name, AWS's own or somebody's.",
      examples: ["com.amazonaws.us-east-1.kinesis-streams"],
    }),
  type: z.enum(["interface", "gateway"]).default("interface").meta({
    description: "interface: network interfaces in `subnets`. gateway: routes in `route_tables`, for S3 and DynamoDB only.",
  }),
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "must be a region's name as AWS writes it")
    .meta({ description: "The AWS region of the VPC, which must be the service's too.", examples: ["us-east-1"] }),
  vpc: awsId("vpc").meta({ description: "The VPC that gets the endpoint.", examples: ["vpc-0a1b2c3d4e5f60718"] }),
  subnets: z
    .array(awsId("subnet"))
    .max(16)
    .default([])
    .meta({
      description: "Where the endpoint gets its addresses, one subnet a zone.",
      examples: [["subnet-0a1b2c3d4e5f60718"]],
    }),
  route_tables: z
    .array(awsId("rtb"))
    .max(50)
    .default([])
    .meta({ description: "With type gateway: the route tables that lead to it.", examples: [["rtb-0a1b2c3d4e5f60718"]] }),
  allowed_cidrs: z
    .array(cidr)
    .max(50)
    .default([])
    .meta({ description: "Who may connect; this gateway's own address must be among them.", examples: [["10.20.0.0/16"]] }),
  accounts: z
    .array(account)
    .max(50)
    .default([])
    .meta({
      description: "The AWS accounts that Heroku lets in; without any, the account that the agent works as.",
      examples: [["123456789012"]],
    }),
  protocol: z
    .enum(["redis", "postgres", "kafka", "https", "tcp"])
    .optional()
    .meta({
      description: "What is spoken to prove that the link carries; told by the add-on's or AWS's name where possible.",
      examples: ["redis"],
    }),
  port: z
    .int()
    .min(1)
    .max(65535)
    .optional()
    .meta({ description: "The service's TCP port; the protocol's own where it is not given.", examples: [6379] }),
  private_dns: z.boolean().default(false).meta({
    description: "Whether the service's ordinary name leads to the endpoint too, within the VPC.",
  }),
  policy: z
    .string()
    .max(20_480)
    .refine(jsonObject, "must be a policy as JSON text")
    .optional()
    .meta({
      description: "An endpoint policy (JSON); without one everything is let through.",
      examples: ['{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}'],
    }),
  check_interval: durationSchema(5000, 3_600_000, "between 5s and 1h")
    .default("60s")
    .meta({ description: "Time between two looks at a link that is well." }),
});

const privatelink = keys
  .refine((value) => (value.service === undefined) !== (value.app === undefined && value.addon === undefined), {
    message: "needs either app and addon, or service",
    path: ["service"],
    when: isSound("app", "addon", "service"),
  })
  .refine((value) => (value.app === undefined) === (value.addon === undefined), {
    message: "app and addon go together: give both or neither",
    path: ["addon"],
    when: isSound("app", "addon"),
  })
  .refine((value) => value.type !== "gateway" || GATEWAYS.test(value.service ?? ""), {
    message: "type gateway is for S3 and DynamoDB: com.amazonaws.REGION.s3 or com.amazonaws.REGION.dynamodb",
    path: ["service"],
    when: isSound("type", "service"),
  })
  .refine((value) => (value.type === "gateway") === value.subnets.length < 1, {
    message: "type interface needs one subnet at least, and gateway takes none",
    path: ["subnets"],
    when: isSound("type", "subnets"),
  })
  .refine((value) => (value.type === "gateway") === value.route_tables.length > 0, {
    message: "type gateway needs one route table at least, and interface takes none",
    path: ["route_tables"],
    when: isSound("type", "route_tables"),
  })
  .refine((value) => (value.type === "gateway") === value.allowed_cidrs.length < 1, {
    message: "type interface needs to know who may connect, and gateway has no security group",
    path: ["allowed_cidrs"],
    when: isSound("type", "allowed_cidrs"),
  })
  .refine((value) => value.service === undefined || value.accounts.length === 0, {
    message: "are for Heroku's data services: a service by its name has its own list",
    path: ["accounts"],
    when: isSound("service", "accounts"),
  })
  .refine((value) => protocolOf(value) !== undefined, {
    message: "must be given: the name does not tell what is spoken there",
    path: ["protocol"],
    when: isSound("addon", "service", "protocol"),
  })
  .refine((value) => protocolOf(value) === undefined || portOf(value) !== undefined, {
    message: "must be given with protocol tcp",
    path: ["port"],
    when: isSound("protocol", "port"),
  })
  .refine((value) => !value.private_dns || value.type === "interface", {
    message: "is for interface endpoints: a gateway's names stay public",
    path: ["private_dns"],
    when: isSound("type", "private_dns"),
  });

/** The links' part of the settings. Two of one name are refused with the rules between keys. */
export const privatelinks = z.array(privatelink).max(100).default([]).meta({
  description:
    "The PrivateLinks that the agent brings about and watches. One that is taken out is no longer looked after, and never deleted.",
});

export type LinkSettings = z.output<typeof privatelink>;
