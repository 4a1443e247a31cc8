import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { follow } from "./follow.ts";
import { groupOf } from "./group.ts";
import { logTo } from "./log.ts";
import { namesOf } from "./names.ts";
import { reachOn } from "./reach.ts";

/** What EventBridge sends: aws.events each minute, aws.rds when the database tells of itself. */
interface Invocation {
  readonly source?: string;
}

const needed = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`The environment lacks ${name}`);
  return value;
};

/** Throttled calls are made again, five times in all, before the next minute has its turn. */
const client = new ElasticLoadBalancingV2Client({ maxAttempts: 5 });

export const handler = async (event?: Invocation | null): Promise<void> => {
  const endpoint = needed("RDS_ENDPOINT");
  const port = Number(needed("RDS_PORT"));
  const deps = {
    names: namesOf(endpoint),
    group: groupOf(client, needed("TARGET_GROUP_ARN"), port),
    reach: reachOn(port),
    port,
    log: logTo((line) => process.stdout.write(line), { database: endpoint }),
    now: () => performance.now(),
    sleep: async (ms: number) => void (await sleep(ms)),
  };
  await follow(deps, { watch: event?.source === "aws.rds" });
};
