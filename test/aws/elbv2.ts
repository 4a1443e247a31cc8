import type {
  DeregisterTargetsInput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  TargetHealth,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { isAllowed, type Policy } from "./iam.ts";
import { AwsFault, AwsServer, type Call, operation } from "./model/server.ts";
import { loadModel } from "./model/service-model.ts";

interface Member {
  readonly address: string;
  readonly port: number;
  readonly since: number;
  leavingSince: number | undefined;
}

/** The VPC's addresses; those on loopback are for tests that really connect. */
const inVpc = (address: string): boolean => address.startsWith("10.0.") || address.startsWith("127.0.0.");

/** One target group of a Network Load Balancer, and how its members fare as time goes by. Times are milliseconds. */
export class GroupWorld {
  readonly arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/publish/0123456789abcdef";
  /** Two health checks. */
  healthMs = 2000;
  /** How long one that was taken out is still shown. */
  drainMs = 1500;
  /** Addresses that accept connections. */
  readonly serving = new Set<string>();
  /** undefined: everything is allowed. */
  policy: Policy | undefined;
  /** How many further calls of an action are throttled. */
  readonly throttled = new Map<string, number>();
  /** What changed the group, in order, and whether any member served right after it: "deregister 10.0.1.10". */
  readonly changes: { readonly what: string; readonly served: boolean }[] = [];
  #members: Member[] = [];

  /** Addresses that clients may be sent to. */
  get members(): string[] {
    return this.#members.filter(({ leavingSince }) => leavingSince === undefined).map(({ address }) => address);
  }

  get serves(): boolean {
    return this.members.some((address) => this.serving.has(address));
  }

  health({ address, since, leavingSince }: Member): TargetHealth {
    if (leavingSince !== undefined) return { State: "draining", Reason: "Target.DeregistrationInProgress" };
    if (Date.now() - since < this.healthMs) return { State: "initial", Reason: "Elb.RegistrationInProgress" };
    return this.serving.has(address) ? { State: "healthy" } : { State: "unhealthy", Reason: "Target.FailedHealthChecks" };
  }

  get shown(): readonly Member[] {
    this.#members = this.#members.filter(
      ({ leavingSince }) => leavingSince === undefined || Date.now() < leavingSince + this.drainMs,
    );
    return this.#members;
  }

  register(address: string, port: number): void {
    if (!inVpc(address)) throw new AwsFault("InvalidTarget", `The IP address '${address}' is not within a range of the VPC`);
    const there = this.#members.find((one) => one.address === address && one.leavingSince === undefined);
    if (there) return;
    this.#members = this.#members.filter((one) => one.address !== address);
    this.#members.push({ address, port, since: Date.now(), leavingSince: undefined });
  }

  deregister(address: string): void {
    for (const member of this.#members) if (member.address === address) member.leavingSince ??= Date.now();
  }

  note(what: string): void {
    this.changes.push({ what, served: this.serves });
  }

  /** Throws what was ordered for a call, and what the policy does not allow. */
  judge({ action }: Call): void {
    const left = this.throttled.get(action) ?? 0;
    if (left > 0) {
      this.throttled.set(action, left - 1);
      throw new AwsFault("Throttling", "Rate exceeded");
    }
    const resource = action.startsWith("Describe") ? "*" : this.arn;
    const judged = { action: `elasticloadbalancing:${action}`, resource, context: {} };
    if (this.policy && !isAllowed(this.policy, judged))
      throw new AwsFault("AccessDenied", `User is not authorized to perform: ${judged.action} on resource: ${resource}`, 403);
  }
}

const addressesOf = (targets: readonly { readonly Id?: string | undefined }[] | undefined): string[] =>
  (targets ?? []).flatMap(({ Id }) => Id ?? []);

const known = (world: GroupWorld, arn: string | undefined): void => {
  if (arn !== world.arn) throw new AwsFault("TargetGroupNotFound", `Target groups '${arn}' not found`);
};

const operations = (world: GroupWorld) => ({
  DescribeTargetHealth: operation<DescribeTargetHealthInput, DescribeTargetHealthOutput>(({ TargetGroupArn }) => {
    known(world, TargetGroupArn);
    return {
      TargetHealthDescriptions: world.shown.map((member) => ({
        Target: { Id: member.address, Port: member.port },
        HealthCheckPort: String(member.port),
        TargetHealth: world.health(member),
      })),
    };
  }),
  // All of them or none, as AWS does it.
  RegisterTargets: operation<RegisterTargetsInput, object>(({ TargetGroupArn, Targets = [] }) => {
    known(world, TargetGroupArn);
    const foreign = addressesOf(Targets).find((address) => !inVpc(address));
    if (foreign !== undefined) world.register(foreign, 0);
    for (const { Id = "", Port = 0 } of Targets) world.register(Id, Port);
    world.note(`register ${addressesOf(Targets).join(" ")}`);
    return {};
  }),
  DeregisterTargets: operation<DeregisterTargetsInput, object>(({ TargetGroupArn, Targets }) => {
    known(world, TargetGroupArn);
    for (const address of addressesOf(Targets)) world.deregister(address);
    world.note(`deregister ${addressesOf(Targets).join(" ")}`);
    return {};
  }),
});

/** Elastic Load Balancing, as far as one target group goes. */
export const startElbv2 = async (world: GroupWorld): Promise<AwsServer> => {
  const server = new AwsServer([
    { model: await loadModel("elbv2", "2015-12-01"), operations: operations(world), before: (call) => world.judge(call) },
  ]);
  await server.start();
  return server;
};
