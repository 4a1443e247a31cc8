import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Target } from "./core.ts";

/** The target group. Each call rejects with AWS's error once the client has repeated it in vain. */
export interface Group {
  targets(): Promise<Target[]>;
  register(addresses: readonly string[]): Promise<void>;
  deregister(targets: readonly Target[]): Promise<void>;
}

export const groupOf = (client: ElasticLoadBalancingV2Client, arn: string, port: number): Group => ({
  targets: async () => {
    const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
    return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
      address: Target?.Id ?? "",
      port: Target?.Port ?? port,
      state: TargetHealth?.State ?? "",
    }));
  },
  register: async (addresses) => {
    const Targets = addresses.map((Id) => ({ Id, Port: port }));
    await client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets }));
  },
  deregister: async (targets) => {
    const Targets = targets.map((target) => ({ Id: target.address, Port: target.port }));
    await client.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets }));
  },
});
