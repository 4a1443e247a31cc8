import type { LinkWanted } from "../../model/privatelink.ts";

/** The region that a service's name says: com.amazonaws.us-east-1.s3, com.amazonaws.vpce.us-east-1.vpce-svc-…; else undefined. */
export const serviceRegion = (serviceName: string): string | undefined =>
  serviceName.split(".").find((label) => /^[a-z]{2,3}(?:-[a-z]+)+-\d{1,2}$/.test(label));

/** "app/addon" or the service's name, for people. */
export const targetText = ({ target }: LinkWanted): string =>
  target.kind === "heroku" ? `${target.app}/${target.addon}` : target.serviceName;
