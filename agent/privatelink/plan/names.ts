import type { LinkWanted } from "../../model/privatelink.ts";

/** The region that a service's name says: com.amazonaws.us-east-1.s3, com.amazonaws.vpce.us-east-1.vpce-svc-…; else undefined. */
export const serviceRegion = (serviceName: string): string | undefined => serviceName.split(".").find(isRegion);

const isRegion = (label: string): boolean => /^[a-z]{2,3}(?:-[a-z]+)+-\d{1,2}$/.test(label);

/** Of every service's name, and telling nothing of it. */
const COMMON = ["com", "cn", "amazonaws", "aws", "vpce"];

/**
 * What a link to a service is called: all of the service's name that tells it from others, for the name is what marks a link's
 * endpoint and group as its own. "kinesis-streams", "ecr-api" and "sagemaker-api"; "s3" and "s3-gateway".
 */
export const linkNameOf = (serviceName: string, type: "interface" | "gateway" | undefined): string => {
  const telling = serviceName.split(".").filter((label) => !COMMON.includes(label) && !isRegion(label));
  return [...telling, ...(type === "gateway" ? [type] : [])].join("-");
};

/** "app/addon" or the service's name, for people. */
export const targetText = ({ target }: LinkWanted): string =>
  target.kind === "heroku" ? `${target.app}/${target.addon}` : target.serviceName;
