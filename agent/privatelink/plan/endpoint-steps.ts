import type { Endpoint, LinkWanted } from "../../model/privatelink.ts";
import { type EndpointChange, type LinkGroup, type LinkObserved, type LinkStep, linkTags } from "../../model/privatelink-plan.ts";
import { isFullAccess, samePolicy } from "./endpoint-policy.ts";

const sorted = (ids: readonly string[]): string[] => [...new Set(ids)].sort();
const without = (ids: readonly string[], others: readonly string[]): string[] => sorted(ids).filter((id) => !others.includes(id));

/** Only what is not empty. */
const listed = (change: Record<string, readonly string[]>): EndpointChange =>
  Object.fromEntries(Object.entries(change).filter(([, ids]) => ids.length > 0));

/**
 * Adds before it takes away, where it can: a subnet whose zone another one still holds has to wait until that one is gone, and
 * one that is not wanted any more stays until everything wanted is there.
 */
const subnetChange = ({ subnetIds }: LinkWanted, endpoint: Endpoint, { subnets }: LinkObserved): EndpointChange => {
  const zoneOf = (id: string): string | undefined => subnets.find((one) => one.id === id)?.zoneId;
  const absent = without(subnetIds, endpoint.subnetIds);
  const surplus = without(endpoint.subnetIds, subnetIds);
  const inTheWay = surplus.filter((id) => zoneOf(id) !== undefined && absent.some((other) => zoneOf(other) === zoneOf(id)));
  const blocked = absent.filter((id) => inTheWay.some((other) => zoneOf(other) === zoneOf(id)));
  return listed({ addSubnetIds: without(absent, blocked), removeSubnetIds: absent.length > 0 ? inTheWay : surplus });
};

const policyChange = ({ policy }: LinkWanted, endpoint: Endpoint, { service }: LinkObserved): EndpointChange => {
  if (service?.policySupported === false) return {};
  if (policy === undefined) return isFullAccess(endpoint.policy) ? {} : { policy: "" };
  return samePolicy(policy, endpoint.policy) ? {} : { policy };
};

const groupChange = (group: LinkGroup | undefined, { securityGroupIds }: Endpoint): EndpointChange => {
  if (!group) return {};
  return listed({
    addSecurityGroupIds: without([group.id], securityGroupIds),
    removeSecurityGroupIds: without(securityGroupIds, [group.id]),
  });
};

const interfaceChange = (wanted: LinkWanted, endpoint: Endpoint, observed: LinkObserved): EndpointChange => ({
  ...subnetChange(wanted, endpoint, observed),
  ...groupChange(observed.group, endpoint),
  ...(wanted.privateDns === endpoint.privateDns ? {} : { privateDns: wanted.privateDns }),
  ...policyChange(wanted, endpoint, observed),
});

const gatewayChange = (wanted: LinkWanted, endpoint: Endpoint, observed: LinkObserved): EndpointChange => ({
  ...listed({
    addRouteTableIds: without(wanted.routeTableIds, endpoint.routeTableIds),
    removeRouteTableIds: without(endpoint.routeTableIds, wanted.routeTableIds),
  }),
  ...policyChange(wanted, endpoint, observed),
});

/** What makes an endpoint that is there the wanted one; one step at most, for AWS is busy with it afterwards. */
export const modifySteps = (wanted: LinkWanted, endpoint: Endpoint, observed: LinkObserved): LinkStep[] => {
  const changeOf = wanted.type === "Interface" ? interfaceChange : gatewayChange;
  const change = changeOf(wanted, endpoint, observed);
  return Object.keys(change).length === 0 ? [] : [{ kind: "modify-endpoint", endpointId: endpoint.id, change }];
};

/** An interface endpoint needs its security group first. */
export const createSteps = (wanted: LinkWanted, { account, serviceName, group }: LinkObserved): LinkStep[] => {
  const { name, type, region, vpcId, subnetIds, routeTableIds, privateDns, policy } = wanted;
  if (type === "Interface" && !group) return [];
  const ofType =
    type === "Interface"
      ? { subnetIds: sorted(subnetIds), securityGroupIds: group ? [group.id] : [], routeTableIds: [], privateDns }
      : { subnetIds: [], securityGroupIds: [], routeTableIds: sorted(routeTableIds), privateDns: false };
  const place = { linkName: name, account, region, type, vpcId, serviceName };
  const request = { ...place, ...ofType, ...(policy === undefined ? {} : { policy }), tags: linkTags(name) };
  return [{ kind: "create-endpoint", request }];
};
