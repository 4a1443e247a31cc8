import type {
  CreateChangeSetInput,
  CreateChangeSetOutput,
  DeleteChangeSetInput,
  DeleteStackInput,
  DescribeChangeSetInput,
  DescribeChangeSetOutput,
  DescribeStackEventsInput,
  DescribeStackEventsOutput,
  DescribeStacksInput,
  DescribeStacksOutput,
  ExecuteChangeSetInput,
  Parameter,
} from "@aws-sdk/client-cloudformation";
import { parameterProblems, parseTemplate, type Template } from "./cfn-template.ts";
import {
  ACCOUNT,
  type ChangeSet,
  differences,
  REGION,
  resolveFor,
  type StackWorld,
  type WorldStack,
} from "./cloudformation-world.ts";
import { isAllowed } from "./iam.ts";
import { AwsFault, type Call, type Operation, operation, type Service } from "./model/server.ts";
import { loadModel } from "./model/service-model.ts";
import { propertyProblems } from "./resource-schemas.ts";

/** Source: "CloudFormation quotas". */
const MAX_TEMPLATE_BYTES = 51_200;

const invalid = (message: string): AwsFault => new AwsFault("ValidationError", message);

const absent = (name: string): AwsFault => invalid(`Stack with id ${name} does not exist`);

const stackOf = (world: StackWorld, name = ""): WorldStack => {
  const stack = world.stack(name);
  if (!stack) throw absent(name);
  return stack;
};

const changeSetOf = (world: StackWorld, stack: WorldStack, name = ""): ChangeSet => {
  const found = stack.changeSets.find(
    (one) => (one.name === name || one.id === name) && Date.now() >= one.madeAt + world.pace.shown,
  );
  if (!found) throw new AwsFault("ChangeSetNotFound", `ChangeSet [${name}] does not exist`, 404);
  return found;
};

const templateOf = (body = ""): Template => {
  if (Buffer.byteLength(body) > MAX_TEMPLATE_BYTES)
    throw invalid(
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${MAX_TEMPLATE_BYTES}`,
    );
  try {
    return parseTemplate(body);
  } catch (thrown) {
    throw invalid(`Template format error: ${String(thrown)}`);
  }
};

const valuesOf = (parameters: readonly Parameter[] = []): Record<string, string> =>
  Object.fromEntries(parameters.map(({ ParameterKey = "", ParameterValue = "" }) => [ParameterKey, ParameterValue]));

const namesRoles = ({ Resources }: Template): boolean =>
  Object.values(Resources).some(({ Type, Properties }) => Type === "AWS::IAM::Role" && "RoleName" in Properties);

/** Refuses what CloudFormation refuses before it makes anything; AWS's schemas judge the resources as early as here. */
const checked = ({ TemplateBody, Parameters, Capabilities = [] }: CreateChangeSetInput) => {
  const template = templateOf(TemplateBody);
  const parameters = valuesOf(Parameters);
  const [problem] = parameterProblems(template, parameters);
  if (problem !== undefined) throw invalid(problem);
  if (namesRoles(template) && !Capabilities.includes("CAPABILITY_NAMED_IAM"))
    throw new AwsFault("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]");
  const resolved = resolveFor(template, parameters);
  for (const [id, { type, properties }] of resolved.resources) {
    const [wrong] = propertyProblems(type, properties);
    if (wrong !== undefined) throw invalid(`Properties validation failed for resource ${id}: ${wrong}`);
  }
  return { template, parameters, resolved };
};

const shell = (world: StackWorld, name: string): WorldStack => {
  const stack: WorldStack = {
    id: world.arn("stack", name),
    name,
    madeAt: Date.now(),
    events: [],
    description: "",
    changeSets: [],
    current: undefined,
  };
  world.stacks.push(stack);
  return stack;
};

const create = (world: StackWorld, asked: CreateChangeSetInput): CreateChangeSetOutput => {
  const { StackName = "", ChangeSetName = "", ChangeSetType: kind = "UPDATE", ClientToken } = asked;
  const there = world.stacks.find(({ name }) => name === StackName);
  if (kind === "UPDATE" && !there) throw absent(StackName);
  if (kind === "IMPORT") throw new Error("nothing stands in for imports");
  const status = there && world.statusOf(there);
  if (there && kind === "CREATE" && status !== "REVIEW_IN_PROGRESS")
    throw invalid(`Stack [${StackName}] already exists and cannot be created again with the changeSet [${ChangeSetName}].`);
  if (status !== undefined && status !== "REVIEW_IN_PROGRESS" && !/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(status))
    throw invalid(`Stack:${there?.id} is in ${status} state and can not be updated.`);
  const parts = checked(asked);
  const stack = there ?? shell(world, StackName);
  const same = stack.changeSets.find(({ name }) => name === ChangeSetName);
  if (same && ClientToken === undefined)
    throw new AwsFault("AlreadyExistsException", `ChangeSet ${ChangeSetName} already exists`);
  const changeSet = same ?? {
    id: world.arn("changeSet", ChangeSetName),
    name: ChangeSetName,
    madeAt: Date.now(),
    kind,
    ...parts,
  };
  if (!same) stack.changeSets.push(changeSet);
  return { Id: changeSet.id, StackId: stack.id };
};

const describeChangeSet = (world: StackWorld, { StackName, ChangeSetName }: DescribeChangeSetInput): DescribeChangeSetOutput => {
  const stack = stackOf(world, StackName);
  const changeSet = changeSetOf(world, stack, ChangeSetName);
  const found = differences(stack.current?.resolved, changeSet.resolved);
  const status = world.changeSetStatus(changeSet, found) as Pick<DescribeChangeSetOutput, "Status" | "StatusReason">;
  const done = status.Status === "CREATE_COMPLETE";
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: new Date(changeSet.madeAt),
    ExecutionStatus: done ? "AVAILABLE" : "UNAVAILABLE",
    ...status,
    Changes: (done ? found : []).map(({ action, id, type, properties, replaced }) => ({
      Type: "Resource",
      ResourceChange: {
        Action: action,
        LogicalResourceId: id,
        ResourceType: type,
        ...(action === "Modify" ? { Replacement: replaced ? "True" : "False", Scope: ["Properties"] } : {}),
        Details: properties.map((Name) => ({
          Target: { Attribute: "Properties", Name, RequiresRecreation: replaced ? "Always" : "Never" },
          Evaluation: "Static",
          ChangeSource: "DirectModification",
        })),
      },
    })),
  };
};

const describeStack = (world: StackWorld, stack: WorldStack): NonNullable<DescribeStacksOutput["Stacks"]>[number] => {
  const status = world.statusOf(stack);
  const latest = world.latest(stack);
  const shown = /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(status) ? stack.current : undefined;
  return {
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: new Date(stack.madeAt),
    StackStatus: status as "CREATE_COMPLETE",
    ...(latest?.reason === undefined ? {} : { StackStatusReason: latest.reason }),
    ...(stack.description === "" ? {} : { Description: stack.description }),
    Outputs: Object.entries(shown?.resolved.outputs ?? {}).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
  };
};

const describeEvents = (world: StackWorld, { StackName, NextToken }: DescribeStackEventsInput): DescribeStackEventsOutput => {
  const stack = stackOf(world, StackName);
  const newestFirst = world.happened(stack).reverse();
  const start = Number(NextToken ?? 0);
  const end = start + world.pageSize;
  return {
    StackEvents: newestFirst.slice(start, end).map(({ id, at, logicalId, type, status, reason }) => ({
      StackId: stack.id,
      EventId: id,
      StackName: stack.name,
      LogicalResourceId: logicalId,
      ResourceType: type,
      Timestamp: new Date(at),
      ResourceStatus: status as "CREATE_COMPLETE",
      ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
    })),
    ...(end < newestFirst.length ? { NextToken: String(end) } : {}),
  };
};

const operations = (world: StackWorld): Record<string, Operation> => ({
  CreateChangeSet: operation<CreateChangeSetInput, CreateChangeSetOutput>((asked) => create(world, asked)),
  DescribeChangeSet: operation<DescribeChangeSetInput, DescribeChangeSetOutput>((asked) => describeChangeSet(world, asked)),
  DeleteChangeSet: operation<DeleteChangeSetInput, object>(({ StackName, ChangeSetName }) => {
    const { changeSets } = stackOf(world, StackName);
    const place = changeSets.findIndex(({ name }) => name === ChangeSetName);
    if (place >= 0) changeSets.splice(place, 1);
    return {};
  }),
  ExecuteChangeSet: operation<ExecuteChangeSetInput, object>(({ StackName, ChangeSetName }) => {
    const stack = stackOf(world, StackName);
    const changeSet = changeSetOf(world, stack, ChangeSetName);
    stack.description = changeSet.template.Description;
    world.execute(stack, changeSet);
    return {};
  }),
  DescribeStacks: operation<DescribeStacksInput, DescribeStacksOutput>(({ StackName }) => ({
    Stacks: [describeStack(world, stackOf(world, StackName))],
  })),
  DescribeStackEvents: operation<DescribeStackEventsInput, DescribeStackEventsOutput>((asked) => describeEvents(world, asked)),
  DeleteStack: operation<DeleteStackInput, object>(({ StackName }) => {
    const place = world.stacks.findIndex(({ name }) => name === StackName);
    if (place >= 0) world.stacks.splice(place, 1);
    return {};
  }),
});

const judge = (world: StackWorld, { action, params }: Call): void => {
  const left = world.throttled.get(action) ?? 0;
  if (left > 0) {
    world.throttled.set(action, left - 1);
    throw new AwsFault("Throttling", "Rate exceeded");
  }
  const resource = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${String(params.StackName)}/x`;
  if (world.policy && !isAllowed(world.policy, { action: `cloudformation:${action}`, resource, context: {} }))
    throw new AwsFault(
      "AccessDenied",
      `User is not authorized to perform: cloudformation:${action} on resource: ${resource}`,
      403,
    );
};

/** CloudFormation, for templates of what the schemas know. */
export const cloudformationService = async (world: StackWorld): Promise<Service> => ({
  model: await loadModel("cloudformation", "2010-05-15"),
  operations: operations(world),
  before: (call) => judge(world, call),
});
