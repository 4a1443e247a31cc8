import type { RawSettings } from "../agent.ts";
import { checkEqual } from "../check.ts";
import { quick } from "../steady.ts";
import type { Room } from "./room.ts";
import { KVS, VPC } from "./sample.ts";

/** As `spacegate privatelink connect` names it, too. */
export const LINK = KVS.name;

/** A link beside the VPN connection. */
export const declared = (settings: RawSettings): RawSettings => ({
  ...quick(settings),
  privatelinks: [
    {
      ...{ name: LINK, app: KVS.app, addon: KVS.name, region: VPC.region, vpc: VPC.id },
      ...{ subnets: VPC.subnets.map(({ id }) => id), allowed_cidrs: [VPC.cidr], check_interval: "5s" },
    },
  ],
});

/** Whatever happens on the way, nothing is made twice. */
export const checkMade = ({ cloud }: Room, endpoints: number, groups: number): void => {
  const { world } = cloud.aws;
  checkEqual([world.endpoints.length, world.groups.length], [endpoints, groups], "endpoints and security groups ever made");
};

/** Every call so far is one that the printed policy names. */
export const checkPolicy = ({ cloud }: Room): void => {
  const named = new Set(cloud.aws.world.policy?.Statement.flatMap(({ Action }) => Action) ?? []);
  checkEqual(
    [...new Set(cloud.calls)].filter((call) => !named.has(call)),
    [],
    "calls that the policy does not name",
  );
  cloud.checkModel();
};
