import { partitionOf } from "../lib/aws-partition.ts";

const PREFIX = /^arn:[a-z-]+:[a-z]+:([a-z0-9-]+):/;

/** The region that an ARN names; undefined for a plain name. */
export const regionOf = (name: string): string | undefined => PREFIX.exec(name)?.[1];

/** As a policy names it; the account is not known here. `resource`: "parameter/gw/token". */
export const arn = (service: string, region: string, resource: string): string =>
  `arn:${partitionOf(region)}:${service}:${region}:*:${resource}`;

export const parameterArn = (name: string, region: string): string =>
  regionOf(name) === undefined ? arn("ssm", region, `parameter/${name.replace(/^\//, "")}`) : name;

/** Secrets Manager puts six characters behind each name. */
export const secretArn = (id: string, region: string): string =>
  regionOf(id) === undefined ? arn("secretsmanager", region, `secret:${id}-??????`) : id;
