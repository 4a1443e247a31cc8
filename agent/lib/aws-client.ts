import { openImds } from "./imds.ts";
import { METADATA } from "./metadata.ts";

const CONNECT_MS = 5000;
const ANSWER_MS = 20_000;
/** With doubling pauses between them, so that a short shortage is not even noticed; a longer one is the caller's to wait out. */
const ATTEMPTS = 4;

/**
 * What every client of AWS's is made with: credentials, endpoint (AWS_ENDPOINT_URL) and proxy come from its ordinary chain; each
 * wait is bounded.
 */
export const awsClientOptions = (region: string | undefined) => ({
  ...(region === undefined ? {} : { region }),
  maxAttempts: ATTEMPTS,
  retryMode: "standard",
  requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
});

const IMDS_MS = 1000;

/** The region of the instance that this runs on; undefined elsewhere. */
const instanceRegion = async (signal: AbortSignal, base: string): Promise<string | undefined> => {
  try {
    const imds = await openImds(base, IMDS_MS, signal);
    return await imds?.read("placement/region");
  } catch {
    return undefined;
  }
};

interface RegionQuestion {
  /** What an option or the settings say. */
  readonly given: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What AWS's client finds in the profile; rejects when it finds nothing. */
  readonly ofProfile: () => Promise<string>;
  readonly signal: AbortSignal;
  /** Stands in for the metadata service in tests. */
  readonly metadata?: string;
}

/** The region: as given, of the environment, of the profile, of this instance; undefined when nothing says one. */
export const findRegion = async ({
  given,
  env,
  ofProfile,
  signal,
  metadata = METADATA,
}: RegionQuestion): Promise<string | undefined> => {
  const named = given ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (named) return named;
  const profile = await ofProfile().catch(() => undefined);
  if (profile) return profile;
  return env.AWS_EC2_METADATA_DISABLED === "true" ? undefined : instanceRegion(signal, metadata);
};
