import type { Tag } from "@aws-sdk/client-ec2";
import type { Ec2World } from "./ec2-world.ts";
import { isAllowed, type Judged } from "./iam.ts";
import { AwsFault, type Call } from "./model/server.ts";
import type { Structure } from "./model/service-model.ts";

const strings = (params: Structure, ...names: readonly string[]): string[] =>
  names.flatMap((name) => (Array.isArray(params[name]) ? (params[name] as string[]) : []));

const tagKeys = (kind: string, tags: readonly Tag[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [`aws:${kind}/${Key}`, Value ?? ""]));

const requestTags = (params: Structure): Tag[] =>
  ((params.TagSpecifications ?? []) as unknown as { readonly Tags?: Tag[] }[]).flatMap(({ Tags }) => Tags ?? []);

/** Every resource that a call touches, each judged by itself. Source: "Actions, resources, and condition keys for Amazon EC2". */
class Touched {
  readonly #world: Ec2World;
  readonly #call: Call;
  readonly judged: Judged[] = [];

  constructor(world: Ec2World, call: Call) {
    this.#world = world;
    this.#call = call;
  }

  add(kind: string, id: string, context: Readonly<Record<string, string>> = {}, action = `ec2:${this.#call.action}`): this {
    const { region, account } = this.#world;
    this.judged.push({
      action,
      resource: kind === "*" ? "*" : `arn:aws:ec2:${region}:${account}:${kind}/${id}`,
      context: { "aws:RequestedRegion": this.#call.caller.region, ...context },
    });
    return this;
  }

  /** What is made; tags given with it are permissions of their own. */
  made(kind: string): this {
    const tags = requestTags(this.#call.params);
    this.add(kind, "new", tagKeys("RequestTag", tags));
    return tags.length === 0 ? this : this.add(kind, "new", { "ec2:CreateAction": this.#call.action }, "ec2:CreateTags");
  }

  groups(...names: readonly string[]): this {
    for (const id of strings(this.#call.params, ...names)) this.group(id);
    return this;
  }

  group(id: string): this {
    return this.add("security-group", id, tagKeys("ResourceTag", this.#world.groups.find((one) => one.id === id)?.tags ?? []));
  }

  endpoint(id: string): this {
    return this.add("vpc-endpoint", id, tagKeys("ResourceTag", this.#world.endpoints.find((one) => one.id === id)?.tags ?? []));
  }

  each(kind: string, ...names: readonly string[]): this {
    for (const id of strings(this.#call.params, ...names)) this.add(kind, id);
    return this;
  }

  privateDns(): this {
    return this.#call.params.PrivateDnsEnabled === true ? this.add("*", "", {}, "route53:AssociateVPCWithHostedZone") : this;
  }
}

const BY_ACTION: Readonly<Record<string, (touched: Touched, params: Structure) => Touched>> = {
  CreateSecurityGroup: (touched, { VpcId }) => touched.add("vpc", String(VpcId)).made("security-group"),
  CreateVpcEndpoint: (touched, { VpcId }) =>
    touched
      .add("vpc", String(VpcId))
      .made("vpc-endpoint")
      .each("subnet", "SubnetIds")
      .each("route-table", "RouteTableIds")
      .groups("SecurityGroupIds")
      .privateDns(),
  ModifyVpcEndpoint: (touched, { VpcEndpointId }) =>
    touched
      .endpoint(String(VpcEndpointId))
      .each("subnet", "AddSubnetIds", "RemoveSubnetIds")
      .each("route-table", "AddRouteTableIds", "RemoveRouteTableIds")
      .groups("AddSecurityGroupIds", "RemoveSecurityGroupIds")
      .privateDns(),
  DeleteVpcEndpoints: (touched, params) => {
    for (const id of strings(params, "VpcEndpointIds")) touched.endpoint(id);
    return touched;
  },
  AuthorizeSecurityGroupIngress: (touched, { GroupId }) => touched.group(String(GroupId)),
  RevokeSecurityGroupIngress: (touched, { GroupId }) => touched.group(String(GroupId)),
  DeleteSecurityGroup: (touched, { GroupId }) => touched.group(String(GroupId)),
};

/** Throws UnauthorizedOperation for what the world's policy does not allow. */
export const assertAllowed = (world: Ec2World, call: Call): void => {
  const { policy } = world;
  if (!policy) return;
  const touched = new Touched(world, call);
  const { judged } = BY_ACTION[call.action]?.(touched, call.params) ?? touched.add("*", "");
  const refused = judged.find((one) => !isAllowed(policy, one));
  if (!refused) return;
  throw new AwsFault(
    "UnauthorizedOperation",
    `You are not authorized to perform this operation. User: ${world.callerArn} is not authorized to perform: ${refused.action} on resource: ${refused.resource} because no identity-based policy allows the ${refused.action} action. Encoded authorization failure message: 4JY${"x".repeat(400)}`,
    403,
  );
};
