import type { LinkWanted } from "../../model/privatelink.ts";
import {
  groupName,
  type IngressRule,
  type LinkGroup,
  type LinkObserved,
  type LinkStep,
  linkTags,
} from "../../model/privatelink-plan.ts";

const lets = (rule: IngressRule, port: number): boolean =>
  ["tcp", "6"].includes(rule.protocol) && rule.fromPort === port && rule.toPort === port;

/** Opens first and closes afterwards, so that who may connect before and after is never cut off between. */
const ruleSteps = ({ port, allowedCidrs }: LinkWanted, { id: groupId, ingress }: LinkGroup): LinkStep[] => {
  const isWanted = (rule: IngressRule): boolean => lets(rule, port) && allowedCidrs.includes(rule.source);
  const open = ingress.filter(isWanted).map(({ source }) => source);
  const cidrs = [...new Set(allowedCidrs)].filter((cidr) => !open.includes(cidr)).sort();
  const rules = ingress.filter((rule) => !isWanted(rule));
  return [
    ...(cidrs.length > 0 ? [{ kind: "authorize-ingress", groupId, port, cidrs } as const] : []),
    ...(rules.length > 0 ? [{ kind: "revoke-ingress", groupId, rules } as const] : []),
  ];
};

/** The link's security group lets in the declared blocks on the declared port, and nothing else: whatever more it has is drift. */
export const groupSteps = (wanted: LinkWanted, { group }: LinkObserved): LinkStep[] => {
  if (wanted.type === "Gateway") return [];
  if (group) return ruleSteps(wanted, group);
  const description = `spacegate: who may connect through the PrivateLink ${wanted.name}`;
  return [
    {
      kind: "create-security-group",
      name: groupName(wanted.name),
      description,
      vpcId: wanted.vpcId,
      tags: linkTags(wanted.name),
    },
  ];
};
