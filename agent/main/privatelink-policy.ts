import type { PolicyOptions } from "../cli/privatelink-policy.ts";
import { policyDocument } from "../privatelink/aws/policy.ts";
import { publishPolicy } from "../privatelink/publish/policy.ts";

/** Needs neither network nor credentials: who attaches the policy has them. */
export const privatelinkPolicy = async ({ account, region, vpc, publishRds }: PolicyOptions): Promise<number> => {
  const document = publishRds ? publishPolicy({ account, region }) : policyDocument({ account, region, vpcIds: vpc });
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  return 0;
};
