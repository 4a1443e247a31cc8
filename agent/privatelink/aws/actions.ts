/** Every call that the agent makes to AWS for links. One that is not here does not compile, and the IAM policy covers these. */
export const READ_ACTIONS = [
  "ec2:DescribeAvailabilityZones",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeRouteTables",
  "ec2:DescribeSecurityGroupRules",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeVpcAttribute",
  "ec2:DescribeVpcEndpointServices",
  "ec2:DescribeVpcEndpoints",
  "ec2:DescribeVpcs",
] as const;

export const WRITE_ACTIONS = [
  "ec2:AuthorizeSecurityGroupIngress",
  "ec2:CreateSecurityGroup",
  "ec2:CreateVpcEndpoint",
  "ec2:DeleteSecurityGroup",
  "ec2:DeleteVpcEndpoints",
  "ec2:ModifyVpcEndpoint",
  "ec2:RevokeSecurityGroupIngress",
] as const;

/** AWS lets everybody ask who they are; it is in the policy so that the policy names every call. */
export const IDENTITY_ACTION = "sts:GetCallerIdentity";

export type LinkAction = (typeof READ_ACTIONS)[number] | (typeof WRITE_ACTIONS)[number] | typeof IDENTITY_ACTION;
