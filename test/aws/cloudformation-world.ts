import { type Resolved, type ResolvedResource, resolveTemplate, type Template } from "./cfn-template.ts";
import type { Policy } from "./iam.ts";
import { AwsFault } from "./model/server.ts";
import { createOnly } from "./resource-schemas.ts";
import { type TimedEvent, timelineOf } from "./stack-timeline.ts";

export const ACCOUNT = "123456789012";
export const REGION = "us-east-1";

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly madeAt: number;
  readonly kind: "CREATE" | "UPDATE";
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly resolved: Resolved;
}

export interface WorldStack {
  readonly id: string;
  readonly name: string;
  readonly madeAt: number;
  /** "" as long as nothing has been carried out. */
  description: string;
  /** What happened and will happen, oldest first; each event has its id by its place. */
  readonly events: TimedEvent[];
  readonly changeSets: ChangeSet[];
  /** As it was last brought about whole. */
  current: ChangeSet | undefined;
}

/** How long things take, milliseconds. */
export interface StackPace {
  /** Until something new is shown. */
  shown: number;
  /** Each of a change set's two states before its last. */
  changeSet: number;
  /** One resource. */
  resource: number;
}

export interface Difference {
  readonly action: "Add" | "Modify" | "Remove";
  readonly id: string;
  readonly type: string;
  readonly properties: readonly string[];
  readonly replaced: boolean;
}

const ROLE = "AWS::IAM::Role";

/** Names as AWS gives them. */
const refOf = (id: string, type: string): string => {
  if (type === "AWS::EC2::VPCEndpointService") return "vpce-svc-0a1b2c3d4e5f60718";
  if (type.startsWith("AWS::ElasticLoadBalancingV2::"))
    return `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:${id.toLowerCase()}/publish/0123456789abcdef`;
  return id;
};

const attributeOf = (id: string, type: string, attribute: string): string => {
  if (attribute !== "Arn") throw new AwsFault("ValidationError", `Template error: ${type} has no attribute ${attribute}`);
  if (type === ROLE) return `arn:aws:iam::${ACCOUNT}:role/${id}`;
  const service = type === "AWS::Events::Rule" ? "events" : "lambda";
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${service === "events" ? "rule/" : "function:"}${id}`;
};

export const resolveFor = (template: Template, parameters: Readonly<Record<string, string>>): Resolved => {
  const pseudo = { "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws" };
  try {
    const refs = {
      refOf: (id: string, type: string) => (type === "AWS::Lambda::Function" ? (parameters.FunctionName ?? id) : refOf(id, type)),
    };
    return resolveTemplate(template, { parameters, pseudo, ...refs, attributeOf });
  } catch (thrown) {
    throw thrown instanceof AwsFault ? thrown : new AwsFault("ValidationError", String(thrown));
  }
};

const changed = (before: ResolvedResource, after: ResolvedResource): string[] =>
  [...new Set([...Object.keys(before.properties), ...Object.keys(after.properties)])].filter(
    (name) => JSON.stringify(before.properties[name]) !== JSON.stringify(after.properties[name]),
  );

/** What a change set would do. */
export const differences = (before: Resolved | undefined, after: Resolved): Difference[] => {
  const old: Resolved["resources"] = before?.resources ?? new Map();
  const added = [...after.resources].flatMap(([id, one]): Difference[] => {
    const was = old.get(id);
    if (!was) return [{ action: "Add", id, type: one.type, properties: [], replaced: false }];
    const properties = changed(was, one);
    if (properties.length === 0) return [];
    return [
      {
        action: "Modify",
        id,
        type: one.type,
        properties,
        replaced: properties.some((name) => createOnly(one.type).includes(name)),
      },
    ];
  });
  const removed = [...old].flatMap(([id, { type }]): Difference[] =>
    after.resources.has(id) ? [] : [{ action: "Remove", id, type, properties: [], replaced: false }],
  );
  return [...added, ...removed];
};

/** The stacks of one account and region, and how they change as time goes by. */
export class StackWorld {
  readonly pace: StackPace = { shown: 0, changeSet: 20, resource: 30 };
  readonly stacks: WorldStack[] = [];
  /** The next change fails at this resource. */
  failing: { readonly id: string; readonly reason: string } | undefined;
  /** Why change sets cannot be made. */
  unmakeable: string | undefined;
  /** undefined: everything is allowed. */
  policy: Policy | undefined;
  /** How many further calls of an action are throttled. */
  readonly throttled = new Map<string, number>();
  /** Events a page. */
  pageSize = 100;
  #made = 0;

  arn(kind: string, name: string): string {
    this.#made++;
    const uuid = `00000000-0000-4000-8000-${String(this.#made).padStart(12, "0")}`;
    return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:${kind}/${name}/${uuid}`;
  }

  /** Deleted ones are gone. */
  stack(name: string): WorldStack | undefined {
    return this.stacks.find((one) => (one.name === name || one.id === name) && Date.now() >= one.madeAt + this.pace.shown);
  }

  /** Those that have happened and are shown by now, oldest first. */
  happened({ events }: WorldStack): (TimedEvent & { readonly id: string })[] {
    return events
      .map((event, place) => ({ ...event, id: `event-${place}` }))
      .filter(({ at }) => Date.now() >= at + this.pace.shown);
  }

  /** REVIEW_IN_PROGRESS as long as nothing has happened to it. */
  latest(stack: WorldStack): TimedEvent | undefined {
    return stack.events.filter(({ at, logicalId }) => logicalId === stack.name && Date.now() >= at).at(-1);
  }

  statusOf(stack: WorldStack): string {
    return this.latest(stack)?.status ?? "REVIEW_IN_PROGRESS";
  }

  changeSetStatus(
    { madeAt }: ChangeSet,
    found: readonly Difference[],
  ): { readonly Status: string; readonly StatusReason?: string } {
    const age = Date.now() - madeAt;
    if (age < this.pace.changeSet) return { Status: "CREATE_PENDING" };
    if (age < 2 * this.pace.changeSet) return { Status: "CREATE_IN_PROGRESS" };
    if (this.unmakeable !== undefined) return { Status: "FAILED", StatusReason: this.unmakeable };
    if (found.length > 0) return { Status: "CREATE_COMPLETE" };
    return {
      Status: "FAILED",
      StatusReason: "The submitted information didn't contain changes. Submit different information to create a change set.",
    };
  }

  /** Begins what the change set would do. */
  execute(stack: WorldStack, changeSet: ChangeSet): void {
    const found = differences(stack.current?.resolved, changeSet.resolved);
    const failing = this.failing;
    this.failing = undefined;
    const resources = found.map(({ id, type }) => ({ id, type, after: changeSet.resolved.resources.get(id)?.after ?? [] }));
    const work = {
      stackName: stack.name,
      kind: changeSet.kind,
      start: Date.now(),
      stepMs: this.pace.resource,
      resources,
      failing,
    };
    stack.events.push(...timelineOf(work));
    stack.changeSets.length = 0;
    if (!failing) stack.current = changeSet;
  }
}
