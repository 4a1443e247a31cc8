import type { HerokuLink, LinkWanted } from "../../model/privatelink.ts";
import { groupName, type LinkObserved, type LinkService, type LinkSubnet } from "../../model/privatelink-plan.ts";
import type { AwsReader } from "./reader.ts";
import { bears } from "./to-model.ts";

const serviceNameOf = ({ target }: LinkWanted, heroku: HerokuLink | undefined): string =>
  target.kind === "service" ? target.serviceName : (heroku?.serviceName ?? "");

/** What is in and around the VPC; asked for at once. */
const surroundings = async (wanted: LinkWanted, serviceName: string, reader: AwsReader, signal: AbortSignal) => {
  const { vpcId, type, routeTableIds, privateDns, name } = wanted;
  const isInterface = type === "Interface";
  const [vpc, subnets, tables, service, own, alike, group] = await Promise.all([
    reader.vpc(vpcId, isInterface && privateDns, signal),
    isInterface ? reader.subnets(vpcId, signal) : [],
    isInterface ? [] : reader.routeTableIds(vpcId, routeTableIds, signal),
    serviceName === "" ? undefined : reader.service(serviceName, type, signal),
    reader.ofLink(name, signal),
    serviceName === "" ? [] : reader.ofService(vpcId, serviceName, signal),
    isInterface ? reader.group(vpcId, groupName(name), signal) : undefined,
  ]);
  return { vpc, subnets, routeTableIds: tables, service, own, alike, group };
};

const fitting = (subnets: readonly LinkSubnet[], service: LinkService | undefined): readonly LinkSubnet[] =>
  subnets.filter(({ zoneId }) => service?.zoneIds.includes(zoneId));

/** Everything that a plan for one link rests on. `heroku`: its side, for a link to a data service. Only reads; rejects with AWS_…. */
export const observeLink = async (
  wanted: LinkWanted,
  heroku: HerokuLink | undefined,
  reader: AwsReader,
  signal: AbortSignal,
): Promise<LinkObserved> => {
  // First, so that wrong credentials are told as such, and not as a VPC that is not there.
  const { account, arn } = await reader.identity(signal);
  const serviceName = serviceNameOf(wanted, heroku);
  const { vpc, subnets, service, own, alike, group, routeTableIds } = await surroundings(wanted, serviceName, reader, signal);
  const isOurs = bears(wanted.name);
  return {
    account,
    callerArn: arn,
    region: wanted.region,
    heroku: wanted.target.kind === "heroku" ? heroku : undefined,
    serviceName,
    service,
    vpc,
    subnets,
    fittingSubnets: fitting(subnets, service),
    routeTableIds,
    endpoints: own,
    foreign: alike.filter((one) => !isOurs(one) && one.type.toLowerCase() === wanted.type.toLowerCase()),
    group: group && isOurs(group) ? group : undefined,
    foreignGroupId: group && !isOurs(group) ? group.id : undefined,
  };
};
