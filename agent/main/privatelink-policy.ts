import type { PolicyOptions } from "../cli/privatelink-policy.ts";
import { policyDocument } from "../privatelink/aws/policy.ts";

/** Needs neither network nor credentials: who attaches the policy has them. */
export const privatelinkPolicy = async ({ account, region, vpc }: PolicyOptions): Promise<number> => {
  process.stdout.write(`${JSON.stringify(policyDocument({ account, region, vpcIds: vpc }), null, 2)}\n`);
  return 0;
};
