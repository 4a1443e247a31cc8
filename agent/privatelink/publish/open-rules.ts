import { isAwsRefusal } from "../../lib/aws-error.ts";
import type { PublishDeps } from "./deps.ts";
import { type MissingRule, ruleText } from "./rules.ts";
import { refuse } from "./wanted.ts";

const toPermission = ({ port, from, why }: MissingRule) => {
  const Description = `spacegate: ${why}`;
  return {
    IpProtocol: "tcp",
    FromPort: port,
    ToPort: port,
    ...("cidr" in from
      ? { IpRanges: [{ CidrIp: from.cidr, Description }] }
      : { UserIdGroupPairs: [{ GroupId: from.groupId, Description }] }),
  };
};

const add = async (rule: MissingRule, { api, signal }: PublishDeps): Promise<void> => {
  const { AuthorizeSecurityGroupIngressCommand } = api.sdk;
  const asked = { GroupId: rule.groupId, IpPermissions: [toPermission(rule)] };
  try {
    await api.call("ec2:AuthorizeSecurityGroupIngress", signal, (client, options) =>
      client.send(new AuthorizeSecurityGroupIngressCommand(asked), options),
    );
  } catch (thrown) {
    // Somebody has just been quicker.
    if (!isAwsRefusal(thrown, "InvalidPermission.Duplicate")) throw thrown;
  }
};

const agreed = async ({ fixRules, ask }: PublishDeps): Promise<boolean> =>
  fixRules || (ask !== undefined && (await ask("Add these rules?")));

/** Shows the rules that are missing in the database's security group and adds them, if that is wanted. Else PUBLISH_REFUSED. */
export const openRules = async (rules: readonly MissingRule[], deps: PublishDeps): Promise<void> => {
  if (rules.length === 0) return;
  deps.progress.say("The database's security group lacks these inbound rules:");
  for (const rule of rules) deps.progress.say(`  ${ruleText(rule)}`);
  if (!(await agreed(deps)))
    throw refuse(
      `Without these rules nobody would reach the database:\n${rules.map((rule) => `  ${ruleText(rule)}`).join("\n")}\nNothing was changed.`,
      "Add them yourself, or let this command do it with --fix-security-groups.",
    );
  for (const rule of rules) {
    await add(rule, deps);
    deps.progress.say(`  added: ${ruleText(rule)}`);
  }
};
