import type { Clock } from "../../lib/clock.ts";
import type { Endpoint } from "../../model/privatelink.ts";
import type { EndpointChange, EndpointRequest, LinkGroup, LinkStep } from "../../model/privatelink-plan.ts";

/** The calls that change AWS. Each rejects with AWS_… errors that carry AWS's own code in details.awsCode. */
export interface LinkWriter {
  createGroup(asked: Extract<LinkStep, { kind: "create-security-group" }>, signal: AbortSignal): Promise<LinkGroup>;
  authorize(groupId: string, port: number, cidrs: readonly string[], signal: AbortSignal): Promise<void>;
  revoke(groupId: string, ruleIds: readonly string[], signal: AbortSignal): Promise<void>;
  createEndpoint(asked: EndpointRequest, clientToken: string, signal: AbortSignal): Promise<Endpoint>;
  modifyEndpoint(endpointId: string, change: EndpointChange, signal: AbortSignal): Promise<void>;
  /** Rejects with AWS_REFUSED also when AWS answers well and lists the endpoint among those that it did not delete. */
  deleteEndpoint(endpointId: string, signal: AbortSignal): Promise<void>;
  deleteGroup(groupId: string, signal: AbortSignal): Promise<void>;
}

/** What an executor has to look up: AWS may not show yet what is there. */
export interface LinkLookup {
  endpoint(id: string, signal: AbortSignal): Promise<Endpoint | undefined>;
  ofLink(linkName: string, signal: AbortSignal): Promise<readonly Endpoint[]>;
  group(vpcId: string, name: string, signal: AbortSignal): Promise<LinkGroup | undefined>;
}

export interface LinkApplyDeps {
  readonly writer: LinkWriter;
  readonly reader: LinkLookup;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}
