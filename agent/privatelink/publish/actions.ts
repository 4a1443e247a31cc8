/** Every call that `publish-rds` makes itself. One that is not here does not compile. */
export const PUBLISH_ACTIONS = [
  "cloudformation:CreateChangeSet",
  "cloudformation:DeleteChangeSet",
  "cloudformation:DeleteStack",
  "cloudformation:DescribeChangeSet",
  "cloudformation:DescribeStackEvents",
  "cloudformation:DescribeStacks",
  "cloudformation:ExecuteChangeSet",
  "ec2:AuthorizeSecurityGroupIngress",
  "ec2:DescribeRouteTables",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "rds:DescribeDBClusters",
  "rds:DescribeDBInstances",
] as const;

export type PublishAction = (typeof PUBLISH_ACTIONS)[number];

/**
 * What CloudFormation does with the caller's credentials, for each type of resource in the template. Source: the permissions
 * that AWS's resource types declare for their handlers.
 */
export const RESOURCE_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "AWS::EC2::VPCEndpointService": [
    "ec2:CreateVpcEndpointServiceConfiguration",
    "ec2:DeleteVpcEndpointServiceConfigurations",
    "ec2:DescribeVpcEndpointServiceConfigurations",
    "ec2:ModifyVpcEndpointServiceConfiguration",
  ],
  "AWS::EC2::VPCEndpointServicePermissions": [
    "ec2:DescribeVpcEndpointServicePermissions",
    "ec2:ModifyVpcEndpointServicePermissions",
  ],
  "AWS::ElasticLoadBalancingV2::Listener": [
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:ModifyListener",
  ],
  "AWS::ElasticLoadBalancingV2::LoadBalancer": [
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DescribeCapacityReservation",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:SetSubnets",
  ],
  "AWS::ElasticLoadBalancingV2::TargetGroup": [
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
  ],
  "AWS::Events::Rule": [
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
  ],
  "AWS::IAM::Role": [
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
  ],
  "AWS::Lambda::EventInvokeConfig": [
    "lambda:DeleteFunctionEventInvokeConfig",
    "lambda:GetFunctionEventInvokeConfig",
    "lambda:PutFunctionEventInvokeConfig",
    "lambda:UpdateFunctionEventInvokeConfig",
  ],
  "AWS::Lambda::Function": [
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:GetFunction",
    "lambda:GetFunctionCodeSigningConfig",
    "lambda:GetFunctionConfiguration",
    "lambda:GetFunctionRecursionConfig",
    "lambda:GetRuntimeManagementConfig",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
  ],
  "AWS::Lambda::Permission": ["lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"],
  "AWS::Logs::LogGroup": [
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DescribeLogGroups",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
  ],
};

/** The template's tags go to every resource. */
export const TAGGING_ACTIONS: readonly string[] = [
  "ec2:CreateTags",
  "ec2:DeleteTags",
  "elasticloadbalancing:AddTags",
  "elasticloadbalancing:DescribeTags",
  "elasticloadbalancing:RemoveTags",
  "events:ListTagsForResource",
  "events:TagResource",
  "events:UntagResource",
  "iam:TagRole",
  "iam:UntagRole",
  "lambda:ListTags",
  "lambda:TagResource",
  "lambda:UntagResource",
  "logs:TagResource",
  "logs:UntagResource",
];
