/* As sdk-ssm.ts. */
export {
  DescribeNetworkInterfaceAttributeCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
} from "@aws-sdk/client-ec2";
