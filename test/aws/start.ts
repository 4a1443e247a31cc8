import { endpointOperations } from "./ec2-endpoints.ts";
import { groupOperations } from "./ec2-groups.ts";
import { networkOperations } from "./ec2-network.ts";
import { assertAllowed } from "./ec2-permissions.ts";
import { Ec2World } from "./ec2-world.ts";
import { isAllowed } from "./iam.ts";
import { AwsFault, AwsServer, type Call, type Service } from "./model/server.ts";
import { type Beyond, loadModel } from "./model/service-model.ts";

/** On the wire EC2 writes an endpoint's state in camel case, and its description in Pascal case; "partial" nobody knows yet. */
export const EC2_BEYOND: Beyond = {
  enums: {
    State: ["pendingAcceptance", "pending", "available", "deleting", "deleted", "rejected", "failed", "expired", "partial"],
  },
};

const ec2Service = async (world: Ec2World, held: ReadonlyMap<string, string>, after: (call: Call) => void): Promise<Service> => ({
  model: await loadModel("ec2", "2016-11-15", EC2_BEYOND),
  operations: { ...networkOperations(world), ...groupOperations(world), ...endpointOperations(world, held) },
  before: (call) => {
    world.meetFault(call.action);
    assertAllowed(world, call);
  },
  after,
});

const stsService = async (world: Ec2World): Promise<Service> => ({
  model: await loadModel("sts", "2011-06-15"),
  operations: {
    GetCallerIdentity: () => ({
      Account: world.account,
      Arn: world.callerArn,
      UserId: "AROAEXAMPLEEXAMPLE000:i-0123456789abcdef0",
    }),
  },
  before: ({ action }) => {
    world.meetFault(action);
    if (world.policy && !isAllowed(world.policy, { action: `sts:${action}`, resource: "*", context: {} }))
      throw new AwsFault("AccessDenied", `User: ${world.callerArn} is not authorized to perform: sts:${action}`, 403);
  },
});

/** EC2 and STS as one server, and the world behind them. */
export interface AwsStandIn {
  readonly world: Ec2World;
  readonly server: AwsServer;
  /** Endpoints that cannot be deleted, with EC2's reason. */
  readonly held: Map<string, string>;
  /** Called after each EC2 call is done, before it is answered. */
  onCall: (call: Call) => void;
}

/** `clock` says what time it is in the stand-in's world. */
export const startAws = async (clock: { now(): number }): Promise<AwsStandIn> => {
  const world = new Ec2World(clock);
  const held = new Map<string, string>();
  const after = (call: Call): void => standIn.onCall(call);
  const server = new AwsServer([await ec2Service(world, held, after), await stsService(world)]);
  const standIn: AwsStandIn = { world, server, held, onCall: () => undefined };
  await server.start();
  return standIn;
};
