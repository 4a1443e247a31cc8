/** The first part of every ARN in a region. Source: AWS's "Amazon Resource Names", partitions. */
export const partitionOf = (region: string): string => {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
};
