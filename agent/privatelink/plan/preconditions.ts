import type { LinkWanted } from "../../model/privatelink.ts";
import type { LinkObserved, LinkProblem } from "../../model/privatelink-plan.ts";
import { accountProblems } from "./account.ts";
import { isPolicy } from "./endpoint-policy.ts";
import { serviceRegion } from "./names.ts";
import { problem } from "./problem.ts";
import { zoneProblems } from "./zones.ts";

const isElsewhere = ({ region }: LinkWanted, serviceName: string): boolean => (serviceRegion(serviceName) ?? region) !== region;

/** An endpoint and its service are in one region, for Heroku's as for AWS's own. */
const regionProblems = (wanted: LinkWanted, { serviceName, vpc, region, account }: LinkObserved): LinkProblem[] => {
  const named = serviceRegion(serviceName);
  if (isElsewhere(wanted, serviceName))
    return [
      problem(
        "LINK_REGION",
        `The service is in ${named} (${serviceName}), and ${wanted.vpcId} is looked for in ${wanted.region}.`,
        `An endpoint has to be in the service's region: name a VPC of ${named} with --region ${named}, or make the data service in a Private Space of ${wanted.region}.`,
      ),
    ];
  if (vpc) return [];
  return [
    problem(
      "LINK_VPC",
      `The AWS account ${account} has no VPC ${wanted.vpcId} in ${region}.`,
      `Check the id, --region and the credentials: aws ec2 describe-vpcs --region ${region}`,
    ),
  ];
};

const missing = (kind: string, ids: readonly string[], known: readonly string[], vpcId: string): LinkProblem[] =>
  ids
    .filter((id) => !known.includes(id))
    .map((id) => problem("LINK_VPC", `${vpcId} has no ${kind} ${id}.`, `Name ${kind}s of that VPC.`));

const placeProblems = (wanted: LinkWanted, { vpc, subnets, routeTableIds }: LinkObserved): LinkProblem[] => {
  if (!vpc) return [];
  if (wanted.type === "Gateway") return missing("route table", wanted.routeTableIds, routeTableIds, vpc.id);
  const here = subnets.filter(({ vpcId }) => vpcId === vpc.id).map(({ id }) => id);
  return missing("subnet", wanted.subnetIds, here, vpc.id);
};

const serviceProblems = (wanted: LinkWanted, { service, serviceName, region, account, heroku }: LinkObserved): LinkProblem[] => {
  if (serviceName === "") return [];
  // In another region it is not shown: that is told already.
  if (!service && isElsewhere(wanted, serviceName)) return [];
  if (!service)
    return [
      problem(
        "LINK_SERVICE",
        `AWS shows the account ${account} no endpoint service ${serviceName} in ${region}.`,
        heroku
          ? "Heroku may not have let the account in yet: `spacegate privatelink info` shows whether it is Active."
          : "Check the name's spelling and region, and ask its provider whether the account is allowed to connect.",
      ),
    ];
  if (service.types.length === 0 || service.types.includes(wanted.type)) return [];
  const others = service.types.map((type) => `--type ${type.toLowerCase()}`).join(" or ");
  return [problem("LINK_TYPE", `${serviceName} offers no ${wanted.type} endpoints.`, `It offers: ${others}.`)];
};

const dnsProblems = ({ privateDns, type, vpcId }: LinkWanted, { vpc, service }: LinkObserved): LinkProblem[] => {
  if (!privateDns || type === "Gateway") return [];
  const off = [
    ...(vpc?.dnsSupport === false ? ["enableDnsSupport"] : []),
    ...(vpc?.dnsHostnames === false ? ["enableDnsHostnames"] : []),
  ];
  const option = { enableDnsSupport: "--enable-dns-support", enableDnsHostnames: "--enable-dns-hostnames" } as const;
  return [
    ...off.map((name) =>
      problem(
        "LINK_PRIVATE_DNS",
        `Private DNS needs ${name}, which is off in ${vpcId}.`,
        `aws ec2 modify-vpc-attribute --vpc-id ${vpcId} ${option[name as keyof typeof option]}; or go without private DNS.`,
      ),
    ),
    ...(service && service.privateDnsName === ""
      ? [
          problem(
            "LINK_PRIVATE_DNS",
            `${service.name} has no private DNS name.`,
            "Go without private DNS: the endpoint's own name leads there.",
          ),
        ]
      : []),
  ];
};

const policyProblems = ({ policy }: LinkWanted, { service }: LinkObserved): LinkProblem[] => {
  if (policy === undefined) return [];
  if (!isPolicy(policy))
    return [
      problem(
        "LINK_POLICY",
        "The endpoint policy is no JSON object with a Statement.",
        'Write it as AWS has it: {"Statement": [{"Effect": "Allow", …}]}.',
      ),
    ];
  if (service?.policySupported !== false) return [];
  return [
    problem(
      "LINK_POLICY",
      `${service.name} takes no endpoint policy.`,
      "Leave the policy out; the security group says who may connect.",
    ),
  ];
};

/** Everything that would make AWS refuse, or that would lead elsewhere, found before anything is asked for. */
export const preconditions = (wanted: LinkWanted, observed: LinkObserved): LinkProblem[] => [
  ...accountProblems(observed),
  ...regionProblems(wanted, observed),
  ...placeProblems(wanted, observed),
  ...serviceProblems(wanted, observed),
  ...(wanted.type === "Interface" ? zoneProblems(wanted, observed) : []),
  ...dnsProblems(wanted, observed),
  ...policyProblems(wanted, observed),
];
