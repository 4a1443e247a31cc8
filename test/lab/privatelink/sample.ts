import { SAMPLE } from "../sample.ts";
import type { StandInAddon } from "../stand-in/heroku-data-state.ts";

/** The customer's account and VPC, as the stand-in for AWS has them: the gateway's own networks lie in it. */
export const VPC = {
  account: "123456789012",
  /** What the gateway works as, in the form that Heroku takes. */
  role: "123456789012:role/gateway",
  region: "us-east-1",
  id: "vpc-0a1b2c3d4e5f60718",
  cidr: SAMPLE.localSubnet,
  /** AWS's own resolver, the same in every VPC. */
  resolver: "169.254.169.253",
  subnets: [
    { id: "subnet-0aaaaaaaaaaaaaaaa", zone: "us-east-1a", cidr: "172.16.16.0/20" },
    { id: "subnet-0bbbbbbbbbbbbbbbb", zone: "us-east-1b", cidr: "172.16.32.0/20" },
  ],
} as const;

/** Zone ids of both subnets. */
export const ZONE_IDS = ["use1-az4", "use1-az6"];

/** They open what runs in the lab, and nothing else. */
export const DATA_SECRETS = {
  redis: "kvs.lab.5fE9tQ2w",
  postgres: "pg.lab.8rT3yU6k",
  aws: "aws.lab.K7mDENGbPxRfiCYEXAMPLE",
} as const;

/** One data service of the app's. HOST stands for where the config var leads. */
export const KVS: StandInAddon = {
  app: "acme-app",
  name: "redis-kvs-12345",
  uuid: "01234567-89ab-cdef-0123-456789abcdef",
  plan: "heroku-redis:private-3",
  attachments: ["REDIS"],
  url: `redis://:${DATA_SECRETS.redis}@HOST:6379`,
};

export const POSTGRES: StandInAddon = {
  app: "acme-app",
  name: "postgresql-curved-12345",
  uuid: "11234567-89ab-cdef-0123-456789abcdef",
  plan: "heroku-postgresql:private-4",
  attachments: ["DATABASE"],
  url: `postgres://owner:${DATA_SECRETS.postgres}@HOST:5432/postgres`,
};

/** One of AWS's own services, by its names. */
export const KINESIS = {
  service: "com.amazonaws.us-east-1.kinesis-streams",
  hostname: "kinesis.us-east-1.amazonaws.com",
  /** Where the internet's name servers say it is. Nobody answers there in the lab. */
  publicAddress: "3.91.171.253",
} as const;
