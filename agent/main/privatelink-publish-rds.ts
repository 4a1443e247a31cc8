import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PublishRdsOptions } from "../cli/privatelink-publish-rds.ts";
import { publicationText, type ShownPublication } from "../cli/privatelink-publish-rds-text.ts";
import { LineProgress } from "../cli/progress.ts";
import { systemClock } from "../lib/clock.ts";
import { SpacegateError } from "../lib/errors.ts";
import { regionOrRefuse } from "../privatelink/aws/open.ts";
import { openPublishApi } from "../privatelink/publish/api.ts";
import { type Published, publish } from "../privatelink/publish/publish.ts";
import { StackApi } from "../privatelink/publish/stack.ts";
import { assertWanted, databaseId, type PublishWanted } from "../privatelink/publish/wanted.ts";
import { openPrompts } from "./prompts.ts";
import { stopSignal } from "./stop-signal.ts";
import { BUILT_IN_TEMPLATES } from "./template-paths.ts";

const NEEDED = [
  ["stack", "--stack", "the CloudFormation stack's name"],
  ["endpoint", "--endpoint", "the database's endpoint as RDS shows it"],
  ["vpc", "--vpc", "the database's VPC"],
  ["subnet", "--subnet", "a subnet in the database's zone with a route to a NAT gateway"],
  ["securityGroup", "--security-group", "the function's security group"],
  ["partnerAccount", "--partner-account", "the AWS account that may connect"],
] as const;

const FUNCTION_NAME_LENGTH = 36;

const wantedOf = (options: PublishRdsOptions, region: string): PublishWanted => {
  const endpoint = (options.endpoint ?? "").toLowerCase().replace(/\.$/, "");
  return {
    stack: options.stack ?? "",
    functionName: options.functionName ?? `publish-${databaseId({ endpoint })}`.slice(0, FUNCTION_NAME_LENGTH),
    rdsType: options.rdsType,
    endpoint,
    port: options.port,
    vpcId: options.vpc ?? "",
    subnetIds: options.subnet ?? [],
    securityGroupIds: options.securityGroup ?? [],
    partnerAccount: options.partnerAccount ?? "",
    region,
  };
};

const assertGiven = (options: PublishRdsOptions): void => {
  for (const [key, option, what] of NEEDED)
    if ((options[key] ?? "").length === 0)
      throw new SpacegateError("OPTION_MISSING", `${option} is missing: ${what}.`, { fix: `Give ${option}.` });
};

const list = (text: string | undefined): string[] => (text ? text.split(",") : []);

const shown = (wanted: PublishWanted, { stack, changes }: Published): ShownPublication => ({
  stack: wanted.stack,
  status: stack.status,
  changed: changes.length > 0,
  region: wanted.region,
  port: wanted.port,
  partner_account: wanted.partnerAccount,
  service_name: stack.outputs.EndpointServiceName ?? "",
  availability_zones: list(stack.outputs.AvailabilityZones),
  availability_zone_ids: list(stack.outputs.AvailabilityZoneIds),
  function_name: stack.outputs.FunctionName ?? "",
});

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** The built-in one only: who changes it deploys it himself. */
const readTemplate = (): Promise<string> => readFile(join(BUILT_IN_TEMPLATES, "cloudformation/publish-rds.yaml"), "utf8");

const run = async (options: PublishRdsOptions, template: string): Promise<ShownPublication> => {
  assertGiven(options);
  const { signal } = stopSignal();
  const wanted = wantedOf(options, await regionOrRefuse(options.region, process.env, signal));
  assertWanted(wanted);
  const prompts = await openPrompts(signal);
  const progress = new LineProgress(process.stderr);
  const api = await openPublishApi(wanted.region);
  try {
    const published = await publish(wanted, {
      api,
      stack: new StackApi(wanted.stack, api),
      clock: systemClock,
      progress,
      signal,
      timeoutMs: options.timeout,
      pollMs: options.poll,
      template,
      changeSetName: `spacegate-${Date.now().toString(36)}`,
      yes: options.yes === true,
      fixRules: options.fixSecurityGroups === true,
      ask: prompts && ((question) => prompts.confirm(question)),
    });
    return shown(wanted, published);
  } finally {
    progress.end();
  }
};

export const privatelinkPublishRds = async (options: PublishRdsOptions): Promise<number> => {
  const template = await readTemplate();
  if (options.printTemplate) {
    process.stdout.write(template);
    return 0;
  }
  const result = await run(options, template);
  print(options.json ? JSON.stringify(result) : publicationText(result));
  return 0;
};
