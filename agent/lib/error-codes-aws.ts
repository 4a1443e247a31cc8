import type { ErrorPage } from "./error-page.ts";

/** Of what is made, changed and destroyed at AWS. */
export const AWS_ERRORS = {
  PUBLISH_REFUSED: {
    meaning: "The database would not have been published so, or it was not confirmed. CloudFormation was asked to make nothing.",
    advice: "The message says which value, subnet, route or security group is in the way, and what would be right.",
  },
  PUBLISH_FAILED: {
    meaning:
      "CloudFormation could not make or change the stack, and takes back what it began; the first reason is in the message.",
    advice:
      "Correct what the message names. A stack in ROLLBACK_COMPLETE must be deleted before it can be made again; the message has the command.",
  },
  PUBLISH_TIMEOUT: {
    meaning: "CloudFormation took longer than --timeout. It goes on by itself.",
    advice: "Run the same command again: it follows a stack that is still in motion.",
  },
  AWS_CREDENTIALS: {
    meaning: "There are no AWS credentials, AWS does not know them or they have expired, or no region is named.",
    advice:
      "AWS's ordinary chain is used: AWS_… variables, AWS_PROFILE, or the instance's profile. `aws sts get-caller-identity` shows whose they are.",
  },
  AWS_FORBIDDEN: {
    meaning: "The AWS credentials may not do what is needed; the message names the action. Nothing was changed by it.",
    advice:
      "`spacegate privatelink policy` prints an IAM policy with all that is needed, and no more: attach it to the role or user.",
  },
  AWS_THROTTLED: {
    meaning: "AWS limits how often this account may ask.",
    advice: "Nothing to do: the agent waits and asks again. If it lasts, see what else in the account asks so often.",
  },
  AWS_UNAVAILABLE: {
    meaning: "AWS's API did not answer, or not in time.",
    advice:
      "Check name resolution, proxy and network to the region's endpoints; https://health.aws.amazon.com tells of incidents.",
  },
  AWS_REFUSED: {
    meaning: "AWS refused a request; its own code and words are in the message.",
    advice: "Correct what AWS names and run the command again: it goes on where it stopped.",
  },
  LINK_ACCOUNT: {
    meaning: "Heroku does not let the AWS account, user or role that the agent runs as connect to the data service.",
    advice: "`spacegate privatelink access add` lets it in; the account's id is in the message.",
  },
  LINK_REGION: {
    meaning: "The service is in another region than the VPC, and an endpoint has to be in the same one.",
    advice: "Name a VPC of the service's region, or make the data service in a Private Space of the VPC's region.",
  },
  LINK_VPC: {
    meaning: "The VPC, or a subnet or route table named with it, is not there.",
    advice: "Check ids, region and credentials: ids are looked for in one region of one account.",
  },
  LINK_SERVICE: {
    meaning:
      "AWS shows this account no endpoint service of that name in the region: it does not exist, or does not let the account in.",
    advice: "Check the name; at Heroku `spacegate privatelink info` shows it, and whether the account is Active.",
  },
  LINK_TYPE: {
    meaning: "The service offers no endpoints of the wanted type: gateway endpoints are for S3 and DynamoDB only.",
    advice: "--type says which; the message names what the service offers.",
  },
  LINK_ZONE: {
    meaning:
      "A subnet is in an availability zone that the service is not in, or two subnets are in the same one. AWS would refuse the whole endpoint.",
    advice: "The message names zones by id, which mean the same in every account, and the VPC's subnets that would do.",
  },
  LINK_PRIVATE_DNS: {
    meaning: "Private DNS cannot work: the VPC's DNS attributes are off, or the service has no private DNS name.",
    advice: "Switch enableDnsSupport and enableDnsHostnames on in the VPC, or go without private DNS.",
  },
  LINK_POLICY: {
    meaning: "The endpoint policy is no policy, or the service takes none.",
    advice: "Correct the JSON, or leave the policy out: the security group says who may connect.",
  },
  LINK_FOREIGN: {
    meaning:
      "Somebody else has made an endpoint or a security group that is in the way or leads to the same service. It stays as it is.",
    advice: "Use that one, remove it, or rename the link: the agent never takes over what it did not make.",
  },
  LINK_LEFTOVER: {
    meaning: "An endpoint bears the link's tag and is not used any more: the link has moved, or was made twice by hand.",
    advice: "The agent deletes nothing by itself; remove it with the command that the message names.",
  },
  LINK_REJECTED: {
    meaning: "The service's provider has rejected the endpoint, also after it was available, or let its request expire.",
    advice: "Have the provider let the account in, then `spacegate privatelink disconnect` and connect again.",
  },
  LINK_FAILED: {
    meaning: "AWS could not make the endpoint, or not delete everything of it; its own words are in the message.",
    advice: "`spacegate privatelink disconnect`, then connect again; if it fails again, ask AWS's support.",
  },
  SOURCE_DEST_CHECK_ON: {
    meaning: "EC2 checks source and destination of this instance's packets, so AWS drops whatever the gateway forwards.",
    advice: "Switch it off with the command that the message names, or let source_dest_check: disable do it.",
  },
} as const satisfies Readonly<Record<string, ErrorPage>>;
