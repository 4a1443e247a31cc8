import type { Change, Stack } from "@aws-sdk/client-cloudformation";
import { isAwsRefusal } from "../../lib/aws-error.ts";
import type { PublishApi } from "./api.ts";
import type { StackChange } from "./changes.ts";
import type { StackEvent } from "./events.ts";

/** A stack as CloudFormation shows it. */
export interface ShownStack {
  /** Its ARN. */
  readonly id: string;
  /** CREATE_COMPLETE, UPDATE_ROLLBACK_COMPLETE or anything newer. */
  readonly status: string;
  readonly reason: string;
  readonly description: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface ShownChangeSet {
  /** CREATE_PENDING, CREATE_IN_PROGRESS, CREATE_COMPLETE, FAILED or anything newer. */
  readonly status: string;
  readonly reason: string;
  readonly changes: readonly StackChange[];
}

export interface ChangeSetAsked {
  readonly name: string;
  readonly type: "CREATE" | "UPDATE";
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The tag that tells where a resource comes from. */
const TAGS = [{ Key: "spacegate:publish-rds", Value: "yes" }];

const toStack = (stack: Stack): ShownStack => ({
  id: stack.StackId ?? "",
  status: stack.StackStatus ?? "",
  reason: stack.StackStatusReason ?? "",
  description: stack.Description ?? "",
  outputs: Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue])),
});

const toChange = ({ ResourceChange: change }: Change): StackChange => {
  const named = (change?.Details ?? []).flatMap(({ Target }) => Target?.Name ?? Target?.Attribute ?? []);
  return {
    action: change?.Action ?? "",
    logicalId: change?.LogicalResourceId ?? "",
    type: change?.ResourceType ?? "",
    replacement: change?.Replacement ?? "",
    properties: [...new Set(named)].sort(),
  };
};

const MAX_PAGES = 100;

/** CloudFormation has no code of its own for a stack that is not there, or not to be seen yet. */
const isNoStack = (thrown: unknown): boolean =>
  isAwsRefusal(thrown, "ValidationError") && thrown.message.includes("does not exist");

/** One stack, by its name. Every call rejects with AWS_… errors. */
export class StackApi {
  readonly name: string;
  readonly #api: PublishApi;

  constructor(name: string, api: PublishApi) {
    this.name = name;
    this.#api = api;
  }

  /** undefined: there is none of that name. */
  async describe(signal: AbortSignal): Promise<ShownStack | undefined> {
    const { DescribeStacksCommand } = this.#api.sdk;
    try {
      const { Stacks = [] } = await this.#api.call("cloudformation:DescribeStacks", signal, (client, options) =>
        client.send(new DescribeStacksCommand({ StackName: this.name }), options),
      );
      return Stacks[0] && toStack(Stacks[0]);
    } catch (thrown) {
      if (isNoStack(thrown)) return undefined;
      throw thrown;
    }
  }

  async createChangeSet({ name, type, template, parameters }: ChangeSetAsked, signal: AbortSignal): Promise<void> {
    const { CreateChangeSetCommand } = this.#api.sdk;
    const asked = {
      StackName: this.name,
      ChangeSetName: name,
      ChangeSetType: type,
      // A repeated request makes no second one.
      ClientToken: name,
      TemplateBody: template,
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
      Capabilities: ["CAPABILITY_NAMED_IAM" as const],
      Tags: TAGS,
    };
    await this.#api.call("cloudformation:CreateChangeSet", signal, (client, options) =>
      client.send(new CreateChangeSetCommand(asked), options),
    );
  }

  /** undefined: it cannot be seen yet. */
  async changeSet(name: string, signal: AbortSignal): Promise<ShownChangeSet | undefined> {
    const { DescribeChangeSetCommand } = this.#api.sdk;
    const changes: StackChange[] = [];
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const asked = { StackName: this.name, ChangeSetName: name, ...(token === undefined ? {} : { NextToken: token }) };
      const found = await this.#api
        .call("cloudformation:DescribeChangeSet", signal, (client, options) =>
          client.send(new DescribeChangeSetCommand(asked), options),
        )
        .catch((thrown: unknown) => {
          if (isAwsRefusal(thrown, "ChangeSetNotFound", "ChangeSetNotFoundException") || isNoStack(thrown)) return undefined;
          throw thrown;
        });
      if (!found) return undefined;
      changes.push(...(found.Changes ?? []).map(toChange));
      token = found.NextToken;
      if (!token) return { status: found.Status ?? "", reason: found.StatusReason ?? "", changes };
    }
    return undefined;
  }

  async deleteChangeSet(name: string, signal: AbortSignal): Promise<void> {
    const { DeleteChangeSetCommand } = this.#api.sdk;
    await this.#api.call("cloudformation:DeleteChangeSet", signal, (client, options) =>
      client.send(new DeleteChangeSetCommand({ StackName: this.name, ChangeSetName: name }), options),
    );
  }

  async execute(changeSet: string, signal: AbortSignal): Promise<void> {
    const { ExecuteChangeSetCommand } = this.#api.sdk;
    const asked = { StackName: this.name, ChangeSetName: changeSet, ClientRequestToken: changeSet };
    await this.#api.call("cloudformation:ExecuteChangeSet", signal, (client, options) =>
      client.send(new ExecuteChangeSetCommand(asked), options),
    );
  }

  /** Oldest first. */
  async events(signal: AbortSignal): Promise<StackEvent[]> {
    const { DescribeStackEventsCommand } = this.#api.sdk;
    const found: StackEvent[] = [];
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const asked = { StackName: this.name, ...(token === undefined ? {} : { NextToken: token }) };
      const { StackEvents = [], NextToken } = await this.#api.call(
        "cloudformation:DescribeStackEvents",
        signal,
        (client, options) => client.send(new DescribeStackEventsCommand(asked), options),
      );
      for (const event of StackEvents)
        found.push({
          id: event.EventId ?? "",
          logicalId: event.LogicalResourceId ?? "",
          type: event.ResourceType ?? "",
          status: event.ResourceStatus ?? "",
          reason: event.ResourceStatusReason ?? "",
        });
      token = NextToken;
      if (!token) break;
    }
    return found.reverse();
  }

  /** Only for the empty shell that a change set for a new stack leaves behind. */
  async deleteShell(signal: AbortSignal): Promise<void> {
    const { DeleteStackCommand } = this.#api.sdk;
    await this.#api.call("cloudformation:DeleteStack", signal, (client, options) =>
      client.send(new DeleteStackCommand({ StackName: this.name }), options),
    );
  }
}
