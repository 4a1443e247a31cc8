import type { ServiceDetail, VpcEndpoint } from "@aws-sdk/client-ec2";
import { isAwsRefusal } from "../../lib/aws-error.ts";
import { SpacegateError } from "../../lib/errors.ts";
import { type Endpoint, LINK_TAG, type LinkWanted } from "../../model/privatelink.ts";
import type { LinkGroup, LinkService, LinkSubnet, LinkVpc } from "../../model/privatelink-plan.ts";
import { type AwsApi, allPages } from "./api.ts";
import { bears, toEndpoint, toGroup, toService, toSubnet } from "./to-model.ts";

/** Filters of EC2's, by name. One that names what is not there finds nothing, where an id as such would be refused. */
const filters = (by: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(by).map(([Name, Values]) => ({ Name, Values: [...Values] }));

const notAws = (): SpacegateError =>
  new SpacegateError("AWS_UNAVAILABLE", "What answers sts:GetCallerIdentity in AWS's place names no account.", {
    fix: "Check AWS_ENDPOINT_URL, and whether a proxy answers in AWS's place; asking again happens by itself.",
  });

/** Whose credentials these are. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** What EC2 and STS show, in the project's words. Everything rejects with AWS_… errors. */
export class AwsReader {
  readonly #api: AwsApi;
  #identity: Identity | undefined;
  #zoneIds: ReadonlyMap<string, string> | undefined;

  constructor(api: AwsApi) {
    this.#api = api;
  }

  /**
   * Asked once, and before anything else: AWS's client takes any page for an empty answer, so that behind a proxy's log-in nothing
   * would seem to be there. Rejects with AWS_UNAVAILABLE when it is not AWS that answers.
   */
  async identity(signal: AbortSignal): Promise<Identity> {
    const { GetCallerIdentityCommand } = this.#api.sdk;
    this.#identity ??= await this.#api.sts("sts:GetCallerIdentity", signal, async (client, options) => {
      const { Account = "", Arn = "" } = await client.send(new GetCallerIdentityCommand({}), options);
      if (!/^\d{12}$/.test(Account)) throw notAws();
      return { account: Account, arn: Arn };
    });
    return this.#identity;
  }

  /** undefined: this account has none of this id in this region. `withDns`: read its DNS attributes too, else they count as on. */
  async vpc(id: string, withDns: boolean, signal: AbortSignal): Promise<LinkVpc | undefined> {
    const { DescribeVpcsCommand } = this.#api.sdk;
    const [found] = await this.#api.ec2("ec2:DescribeVpcs", signal, async (client, options) => {
      const { Vpcs } = await client.send(new DescribeVpcsCommand({ Filters: filters({ "vpc-id": [id] }) }), options);
      return Vpcs ?? [];
    });
    if (!found) return undefined;
    const cidrs = (found.CidrBlockAssociationSet ?? []).flatMap(({ CidrBlock }) => CidrBlock ?? []);
    const dns = withDns ? await this.#dnsAttributes(id, signal) : { dnsHostnames: true, dnsSupport: true };
    return { id, cidrs: cidrs.length > 0 ? cidrs : [found.CidrBlock ?? ""], ...dns };
  }

  /** One attribute a question is all that EC2 answers. */
  async #dnsAttributes(VpcId: string, signal: AbortSignal) {
    const { DescribeVpcAttributeCommand } = this.#api.sdk;
    const ask = (Attribute: "enableDnsHostnames" | "enableDnsSupport") =>
      this.#api.ec2("ec2:DescribeVpcAttribute", signal, (client, options) =>
        client.send(new DescribeVpcAttributeCommand({ VpcId, Attribute }), options),
      );
    const [hostnames, support] = await Promise.all([ask("enableDnsHostnames"), ask("enableDnsSupport")]);
    return {
      dnsHostnames: hostnames.EnableDnsHostnames?.Value ?? false,
      dnsSupport: support.EnableDnsSupport?.Value ?? false,
    };
  }

  subnets(vpcId: string, signal: AbortSignal): Promise<readonly LinkSubnet[]> {
    const { DescribeSubnetsCommand } = this.#api.sdk;
    return allPages((token) =>
      this.#api.ec2("ec2:DescribeSubnets", signal, async (client, options) => {
        const asked = new DescribeSubnetsCommand({ Filters: filters({ "vpc-id": [vpcId] }), ...token });
        const { Subnets, NextToken } = await client.send(asked, options);
        return { items: Subnets?.map(toSubnet), next: NextToken };
      }),
    );
  }

  /** Those of `ids` that the VPC has. */
  routeTableIds(vpcId: string, ids: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const { DescribeRouteTablesCommand } = this.#api.sdk;
    const by = { "vpc-id": [vpcId], "route-table-id": ids };
    return allPages((token) =>
      this.#api.ec2("ec2:DescribeRouteTables", signal, async (client, options) => {
        const asked = new DescribeRouteTablesCommand({ Filters: filters(by), ...token });
        const { RouteTables, NextToken } = await client.send(asked, options);
        return { items: RouteTables?.flatMap(({ RouteTableId }) => RouteTableId ?? []), next: NextToken };
      }),
    );
  }

  /**
   * undefined: AWS shows this account no such service here. A provider's own service is shown only when it is named. Of S3 and
   * DynamoDB there are two of one name: the one of that type, and with it the types of both.
   */
  async service(name: string, type: LinkWanted["type"], signal: AbortSignal): Promise<LinkService | undefined> {
    try {
      const alike = await this.#servicesNamed(name, signal);
      const zones = alike.length > 0 ? await this.#zones(signal) : new Map();
      const found = alike.map((one) => toService(one, zones));
      const meant = found.find(({ types }) => types.includes(type)) ?? found[0];
      return meant && { ...meant, types: found.flatMap(({ types }) => types) };
    } catch (thrown) {
      if (isAwsRefusal(thrown, "InvalidServiceName", "InvalidServiceName.*")) return undefined;
      throw thrown;
    }
  }

  #servicesNamed(name: string, signal: AbortSignal): Promise<readonly ServiceDetail[]> {
    const { DescribeVpcEndpointServicesCommand } = this.#api.sdk;
    return allPages((token) =>
      this.#api.ec2("ec2:DescribeVpcEndpointServices", signal, async (client, options) => {
        const asked = new DescribeVpcEndpointServicesCommand({ ServiceNames: [name], ...token });
        const { ServiceDetails, NextToken } = await client.send(asked, options);
        return { items: ServiceDetails, next: NextToken };
      }),
    );
  }

  /** Zone names' ids in this account; they never change. */
  async #zones(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { DescribeAvailabilityZonesCommand } = this.#api.sdk;
    this.#zoneIds ??= await this.#api.ec2("ec2:DescribeAvailabilityZones", signal, async (client, options) => {
      const { AvailabilityZones } = await client.send(new DescribeAvailabilityZonesCommand({}), options);
      return new Map((AvailabilityZones ?? []).map(({ ZoneName, ZoneId }) => [ZoneName ?? "", ZoneId ?? ""]));
    });
    return this.#zoneIds;
  }

  /** All that bear the link's tag, in any VPC. Compared here too: in a filter, * and ? stand for others' names. */
  async ofLink(linkName: string, signal: AbortSignal): Promise<readonly Endpoint[]> {
    return (await this.#endpoints({ [`tag:${LINK_TAG}`]: [linkName] }, signal)).filter(bears(linkName));
  }

  /** All that lead from a VPC to a service, whoever made them. */
  ofService(vpcId: string, serviceName: string, signal: AbortSignal): Promise<readonly Endpoint[]> {
    return this.#endpoints({ "vpc-id": [vpcId], "service-name": [serviceName] }, signal);
  }

  /** undefined: there is none of this id, or it cannot be seen yet. */
  async endpoint(id: string, signal: AbortSignal): Promise<Endpoint | undefined> {
    const [found] = await this.#endpoints({ "vpc-endpoint-id": [id] }, signal);
    return found;
  }

  async #endpoints(by: Readonly<Record<string, readonly string[]>>, signal: AbortSignal): Promise<readonly Endpoint[]> {
    const { DescribeVpcEndpointsCommand } = this.#api.sdk;
    const found = await allPages((token) =>
      this.#api.ec2("ec2:DescribeVpcEndpoints", signal, async (client, options) => {
        const asked = new DescribeVpcEndpointsCommand({ Filters: filters(by), ...token });
        const { VpcEndpoints, NextToken } = await client.send(asked, options);
        return { items: VpcEndpoints, next: NextToken };
      }),
    );
    const addresses = await this.#addresses(found, signal);
    return found.map((one) =>
      toEndpoint(
        one,
        (one.NetworkInterfaceIds ?? []).flatMap((id) => addresses.get(id) ?? []),
      ),
    );
  }

  /** Private addresses by network interface. */
  async #addresses(endpoints: readonly VpcEndpoint[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { DescribeNetworkInterfacesCommand } = this.#api.sdk;
    const ids = endpoints.flatMap(({ NetworkInterfaceIds }) => NetworkInterfaceIds ?? []);
    if (ids.length === 0) return new Map();
    const found = await allPages((token) =>
      this.#api.ec2("ec2:DescribeNetworkInterfaces", signal, async (client, options) => {
        const asked = new DescribeNetworkInterfacesCommand({ Filters: filters({ "network-interface-id": ids }), ...token });
        const { NetworkInterfaces, NextToken } = await client.send(asked, options);
        return { items: NetworkInterfaces, next: NextToken };
      }),
    );
    return new Map(found.map(({ NetworkInterfaceId, PrivateIpAddress }) => [NetworkInterfaceId ?? "", PrivateIpAddress ?? ""]));
  }

  /** The VPC's group of that name, with its rules; names are unique in a VPC. */
  async group(vpcId: string, name: string, signal: AbortSignal): Promise<LinkGroup | undefined> {
    const { DescribeSecurityGroupsCommand } = this.#api.sdk;
    const by = { "vpc-id": [vpcId], "group-name": [name] };
    const [found] = await this.#api.ec2("ec2:DescribeSecurityGroups", signal, async (client, options) => {
      const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({ Filters: filters(by) }), options);
      return SecurityGroups ?? [];
    });
    return found && toGroup(found, await this.#rules(found.GroupId ?? "", signal));
  }

  /** All groups that bear the link's tag, in any VPC, without their rules. */
  async groupsOfLink(linkName: string, signal: AbortSignal): Promise<readonly LinkGroup[]> {
    const { DescribeSecurityGroupsCommand } = this.#api.sdk;
    const by = { [`tag:${LINK_TAG}`]: [linkName] };
    const found = await allPages((token) =>
      this.#api.ec2("ec2:DescribeSecurityGroups", signal, async (client, options) => {
        const asked = new DescribeSecurityGroupsCommand({ Filters: filters(by), ...token });
        const { SecurityGroups, NextToken } = await client.send(asked, options);
        return { items: SecurityGroups?.map((one) => toGroup(one, [])), next: NextToken };
      }),
    );
    return found.filter(bears(linkName));
  }

  #rules(groupId: string, signal: AbortSignal) {
    const { DescribeSecurityGroupRulesCommand } = this.#api.sdk;
    return allPages((token) =>
      this.#api.ec2("ec2:DescribeSecurityGroupRules", signal, async (client, options) => {
        const asked = new DescribeSecurityGroupRulesCommand({ Filters: filters({ "group-id": [groupId] }), ...token });
        const { SecurityGroupRules, NextToken } = await client.send(asked, options);
        return { items: SecurityGroupRules, next: NextToken };
      }),
    );
  }
}
