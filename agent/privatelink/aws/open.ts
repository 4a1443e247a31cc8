import { findRegion } from "../../lib/aws-client.ts";
import { SpacegateError } from "../../lib/errors.ts";
import type { HerokuLink, LinkWanted } from "../../model/privatelink.ts";
import type { LinkObserved } from "../../model/privatelink-plan.ts";
import { AwsApi } from "./api.ts";
import { observeLink } from "./observe-link.ts";
import { AwsReader } from "./reader.ts";
import { AwsWriter } from "./writer.ts";

/** EC2 and STS in one region, as links need them. */
export interface LinkAws {
  readonly region: string;
  readonly reader: AwsReader;
  readonly writer: AwsWriter;
  observe(wanted: LinkWanted, heroku: HerokuLink | undefined, signal: AbortSignal): Promise<LinkObserved>;
}

/** Loads AWS's clients, which nothing else does; credentials come from AWS's ordinary chain at the first call. */
export const openLinkAws = async (region: string): Promise<LinkAws> => {
  const api = new AwsApi(await import("./ec2-sdk.ts"), region);
  const reader = new AwsReader(api);
  return {
    region,
    reader,
    writer: new AwsWriter(api),
    observe: (wanted, heroku, signal) => observeLink(wanted, heroku, reader, signal),
  };
};

/** The region that counts: as given, of environment or profile, of this instance. Throws AWS_CREDENTIALS when nothing says one. */
export const regionOrRefuse = async (
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<string> => {
  const ofProfile = async (): Promise<string> => {
    const { STSClient } = await import("./ec2-sdk.ts");
    return new STSClient({}).config.region();
  };
  const region = await findRegion({ given, env, ofProfile, signal });
  if (region !== undefined) return region;
  throw new SpacegateError("AWS_CREDENTIALS", "No AWS region is named.", {
    fix: "Say --region, or set AWS_REGION or the profile's region.",
  });
};
