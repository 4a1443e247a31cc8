import { METADATA } from "../lib/metadata.ts";

/** Where the metadata service answers. Loopback is for labs: the variable is the one that AWS's own programs know. */
export const metadataBase = (): string => {
  const text = process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? METADATA;
  return /^http:\/\/(127\.0\.0\.1|169\.254\.169\.254)(:\d+)?\/?$/.test(text) ? text : METADATA;
};
