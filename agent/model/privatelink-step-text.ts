import type { EndpointChange, LinkStep, LinkStepKind } from "./privatelink-plan.ts";

type StepOf<Kind extends LinkStepKind> = Extract<LinkStep, { kind: Kind }>;
type Texts = { readonly [Kind in LinkStepKind]: (step: StepOf<Kind>) => string };

const list = (word: string, ids: readonly string[] | undefined): string[] => (ids ? [`${word} ${ids.join(", ")}`] : []);

const changeText = (change: EndpointChange): string =>
  [
    ...list("add", change.addSubnetIds),
    ...list("remove", change.removeSubnetIds),
    ...list("add", change.addSecurityGroupIds),
    ...list("remove", change.removeSecurityGroupIds),
    ...list("add", change.addRouteTableIds),
    ...list("remove", change.removeRouteTableIds),
    ...(change.privateDns === undefined ? [] : [`switch private DNS ${change.privateDns ? "on" : "off"}`]),
    ...(change.policy === undefined ? [] : [change.policy === "" ? "reset the policy to full access" : "replace the policy"]),
  ].join("; ");

const ruleText = ({ protocol, fromPort, toPort, source }: StepOf<"revoke-ingress">["rules"][number]): string =>
  `${protocol === "-1" ? "everything" : `${protocol} ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`}`} from ${source}`;

const TEXTS: Texts = {
  "create-security-group": ({ name, vpcId }) => `create the security group ${name} in ${vpcId}`,
  "authorize-ingress": ({ groupId, port, cidrs }) => `let ${cidrs.join(", ")} in to TCP port ${port} (${groupId})`,
  "revoke-ingress": ({ groupId, rules }) => `take back ${rules.map(ruleText).join(", ")} (${groupId})`,
  "create-endpoint": ({ request }) => `create the ${request.type} endpoint in ${request.vpcId} for ${request.serviceName}`,
  "modify-endpoint": ({ endpointId, change }) => `change ${endpointId}: ${changeText(change)}`,
  "delete-endpoint": ({ endpointId }) => `delete ${endpointId}`,
  "delete-security-group": ({ groupId }) => `delete the security group ${groupId}`,
};

/** A step as a sentence's predicate: "create the security group spacegate-redis in vpc-1". */
export const describeLinkStep = <Kind extends LinkStepKind>(step: StepOf<Kind>): string =>
  (TEXTS[step.kind] as Texts[Kind])(step);
