import { SpacegateError } from "../../lib/errors.ts";
import { oneLine } from "../../lib/text.ts";
import type { Endpoint } from "../../model/privatelink.ts";
import type { EndpointChange, EndpointRequest, LinkGroup, LinkStep } from "../../model/privatelink-plan.ts";
import type { AwsApi } from "./api.ts";
import { toEndpoint } from "./to-model.ts";

type Tags = Readonly<Record<string, string>>;

/** Tags given at creation: there is no moment at which what was made is not known as the agent's own. */
const tagged = (ResourceType: "security-group" | "vpc-endpoint", tags: Tags) => ({
  TagSpecifications: [{ ResourceType, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }],
});

const permissions = (port: number, cidrs: readonly string[]) => {
  const v6 = cidrs.filter((cidr) => cidr.includes(":"));
  const v4 = cidrs.filter((cidr) => !cidr.includes(":"));
  return [
    {
      IpProtocol: "tcp",
      FromPort: port,
      ToPort: port,
      ...(v4.length > 0 ? { IpRanges: v4.map((CidrIp) => ({ CidrIp })) } : {}),
      ...(v6.length > 0 ? { Ipv6Ranges: v6.map((CidrIpv6) => ({ CidrIpv6 })) } : {}),
    },
  ];
};

const some = <Name extends string>(name: Name, values: readonly string[] | undefined) =>
  (values && values.length > 0 ? { [name]: [...values] } : {}) as { readonly [K in Name]?: string[] };

const policyOf = (policy: string | undefined) => {
  if (policy === undefined) return {};
  return policy === "" ? { ResetPolicy: true } : { PolicyDocument: policy };
};

/** What changes AWS, one call each. Everything rejects with AWS_… errors. */
export class AwsWriter {
  readonly #api: AwsApi;

  constructor(api: AwsApi) {
    this.#api = api;
  }

  async createGroup(asked: Extract<LinkStep, { kind: "create-security-group" }>, signal: AbortSignal): Promise<LinkGroup> {
    const { CreateSecurityGroupCommand } = this.#api.sdk;
    const { name, description, vpcId, tags } = asked;
    const command = new CreateSecurityGroupCommand({
      GroupName: name,
      Description: description,
      VpcId: vpcId,
      ...tagged("security-group", tags),
    });
    const { GroupId = "" } = await this.#api.ec2("ec2:CreateSecurityGroup", signal, (client, options) =>
      client.send(command, options),
    );
    return { id: GroupId, name, vpcId, tags, ingress: [] };
  }

  async authorize(groupId: string, port: number, cidrs: readonly string[], signal: AbortSignal): Promise<void> {
    const { AuthorizeSecurityGroupIngressCommand } = this.#api.sdk;
    const command = new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: permissions(port, cidrs) });
    await this.#api.ec2("ec2:AuthorizeSecurityGroupIngress", signal, (client, options) => client.send(command, options));
  }

  async revoke(groupId: string, ruleIds: readonly string[], signal: AbortSignal): Promise<void> {
    const { RevokeSecurityGroupIngressCommand } = this.#api.sdk;
    const command = new RevokeSecurityGroupIngressCommand({ GroupId: groupId, SecurityGroupRuleIds: [...ruleIds] });
    await this.#api.ec2("ec2:RevokeSecurityGroupIngress", signal, (client, options) => client.send(command, options));
  }

  /** The same token and the same request give the same endpoint, however often and from whatever process. */
  async createEndpoint(asked: EndpointRequest, clientToken: string, signal: AbortSignal): Promise<Endpoint> {
    const { CreateVpcEndpointCommand } = this.#api.sdk;
    const command = new CreateVpcEndpointCommand({
      VpcEndpointType: asked.type,
      VpcId: asked.vpcId,
      ServiceName: asked.serviceName,
      ...some("SubnetIds", asked.subnetIds),
      ...some("SecurityGroupIds", asked.securityGroupIds),
      ...some("RouteTableIds", asked.routeTableIds),
      // Left out, it would be on.
      ...(asked.type === "Interface" ? { PrivateDnsEnabled: asked.privateDns } : {}),
      ...(asked.policy === undefined ? {} : { PolicyDocument: asked.policy }),
      ClientToken: clientToken,
      ...tagged("vpc-endpoint", asked.tags),
    });
    const { VpcEndpoint } = await this.#api.ec2("ec2:CreateVpcEndpoint", signal, (client, options) =>
      client.send(command, options),
    );
    return toEndpoint(VpcEndpoint ?? {}, []);
  }

  async modifyEndpoint(endpointId: string, change: EndpointChange, signal: AbortSignal): Promise<void> {
    const { ModifyVpcEndpointCommand } = this.#api.sdk;
    const command = new ModifyVpcEndpointCommand({
      VpcEndpointId: endpointId,
      ...some("AddSubnetIds", change.addSubnetIds),
      ...some("RemoveSubnetIds", change.removeSubnetIds),
      ...some("AddSecurityGroupIds", change.addSecurityGroupIds),
      ...some("RemoveSecurityGroupIds", change.removeSecurityGroupIds),
      ...some("AddRouteTableIds", change.addRouteTableIds),
      ...some("RemoveRouteTableIds", change.removeRouteTableIds),
      ...(change.privateDns === undefined ? {} : { PrivateDnsEnabled: change.privateDns }),
      ...policyOf(change.policy),
    });
    await this.#api.ec2("ec2:ModifyVpcEndpoint", signal, (client, options) => client.send(command, options));
  }

  /** AWS answers 200 also for what it did not delete, and lists that: it is thrown as the refusal that it is. */
  async deleteEndpoint(endpointId: string, signal: AbortSignal): Promise<void> {
    const { DeleteVpcEndpointsCommand } = this.#api.sdk;
    const command = new DeleteVpcEndpointsCommand({ VpcEndpointIds: [endpointId] });
    const { Unsuccessful } = await this.#api.ec2("ec2:DeleteVpcEndpoints", signal, (client, options) =>
      client.send(command, options),
    );
    const [left] = Unsuccessful ?? [];
    if (!left) return;
    const { Code = "", Message = "" } = left.Error ?? {};
    const words = `${left.ResourceId ?? endpointId}: ${oneLine(Code)}: ${oneLine(Message)}`;
    throw new SpacegateError("AWS_REFUSED", `AWS did not delete ${words}`, {
      fix: "Correct what AWS names, and run it again: it goes on where it stopped.",
      details: { action: "ec2:DeleteVpcEndpoints", awsCode: Code },
    });
  }

  async deleteGroup(groupId: string, signal: AbortSignal): Promise<void> {
    const { DeleteSecurityGroupCommand } = this.#api.sdk;
    await this.#api.ec2("ec2:DeleteSecurityGroup", signal, (client, options) =>
      client.send(new DeleteSecurityGroupCommand({ GroupId: groupId }), options),
    );
  }
}
