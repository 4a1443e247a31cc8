import type { Endpoint } from "../../../agent/model/privatelink.ts";
import { LINK_TAG } from "../../../agent/model/privatelink.ts";
import { groupName, type LinkGroup, type LinkObserved, linkTags } from "../../../agent/model/privatelink-plan.ts";
import { describeLinkStep } from "../../../agent/model/privatelink-step-text.ts";
import { planLink } from "../../../agent/privatelink/plan/plan.ts";
import { herokuLink, REDIS_SERVICE, SUBNET, VPC } from "../../aws/sample.ts";

export const GROUP = "sg-0aaaaaaaaaaaaaaaa";

export const endpoint = (change: Partial<Endpoint> = {}): Endpoint => ({
  id: "vpce-01c87ae3c05563935",
  type: "Interface",
  vpcId: VPC,
  serviceName: REDIS_SERVICE,
  state: "available",
  subnetIds: [SUBNET.a, SUBNET.b],
  securityGroupIds: [GROUP],
  routeTableIds: [],
  privateDns: false,
  dnsNames: ["vpce-01c87ae3c05563935-a1b2c3d4.vpce-svc-0410a2e25933fe8ec.us-east-1.vpce.amazonaws.com"],
  addresses: ["172.31.0.10", "172.31.16.10"],
  policy: "",
  tags: { [LINK_TAG]: "redis" },
  createdAt: 1_700_000_000_000,
  lastError: null,
  ...change,
});

export const group = (change: Partial<LinkGroup> = {}): LinkGroup => ({
  id: GROUP,
  name: groupName("redis"),
  vpcId: VPC,
  tags: linkTags("redis"),
  ingress: [{ id: "sgr-1", protocol: "tcp", fromPort: 6379, toPort: 6379, source: "172.31.0.0/16" }],
  ...change,
});

const subnets = [
  { id: SUBNET.a, vpcId: VPC, zoneId: "use1-az4", zoneName: "us-east-1a", cidr: "172.31.0.0/20" },
  { id: SUBNET.b, vpcId: VPC, zoneId: "use1-az6", zoneName: "us-east-1b", cidr: "172.31.16.0/20" },
  { id: SUBNET.b2, vpcId: VPC, zoneId: "use1-az6", zoneName: "us-east-1b", cidr: "172.31.32.0/20" },
  { id: SUBNET.c, vpcId: VPC, zoneId: "use1-az1", zoneName: "us-east-1c", cidr: "172.31.48.0/20" },
];

/** All as `wantedLink()` wants it. */
export const settled = (change: Partial<LinkObserved> = {}): LinkObserved => ({
  account: "123456789012",
  callerArn: "arn:aws:sts::123456789012:assumed-role/gateway/i-0123456789abcdef0",
  region: "us-east-1",
  heroku: herokuLink(),
  serviceName: REDIS_SERVICE,
  service: {
    name: REDIS_SERVICE,
    types: ["Interface"],
    zoneIds: ["use1-az4", "use1-az6"],
    acceptanceRequired: true,
    policySupported: false,
    privateDnsName: "",
  },
  vpc: { id: VPC, cidrs: ["172.31.0.0/16"], dnsHostnames: true, dnsSupport: true },
  subnets,
  fittingSubnets: subnets.slice(0, 3),
  routeTableIds: [],
  endpoints: [endpoint()],
  foreign: [],
  group: group(),
  foreignGroupId: undefined,
  ...change,
});

/** The steps of a plan, in words. */
export const textsOf = (...[wanted, observed]: Parameters<typeof planLink>) =>
  planLink(wanted, observed).steps.map((step) => describeLinkStep(step));
/** The problems of a plan: "LINK_ZONE", "LINK_LEFTOVER (notice)". */
export const codesOf = (...[wanted, observed]: Parameters<typeof planLink>) =>
  planLink(wanted, observed).problems.map(({ code, blocking }) => `${code}${blocking ? "" : " (notice)"}`);
