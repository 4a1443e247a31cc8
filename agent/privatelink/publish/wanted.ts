import { SpacegateError } from "../../lib/errors.ts";
import { quoted } from "../../lib/text.ts";

/** One database to be published, as its owner wants it; every value fits its template parameter. */
export interface PublishWanted {
  readonly stack: string;
  readonly functionName: string;
  readonly rdsType: "instance" | "cluster";
  /** A name, in lower case. */
  readonly endpoint: string;
  readonly port: number;
  readonly vpcId: string;
  /** One a zone; the first is in the database's. */
  readonly subnetIds: readonly string[];
  /** The function's. */
  readonly securityGroupIds: readonly string[];
  /** 12 digits. */
  readonly partnerAccount: string;
  readonly region: string;
}

export const refuse = (message: string, fix: string): SpacegateError => new SpacegateError("PUBLISH_REFUSED", message, { fix });

interface Rule {
  readonly option: string;
  readonly fits: RegExp;
  readonly right: string;
  readonly values: (wanted: PublishWanted) => readonly string[];
}

const RULES: readonly Rule[] = [
  {
    option: "--stack",
    fits: /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
    right: "a letter, then letters, digits and hyphens, 128 in all",
    values: ({ stack }) => [stack],
  },
  {
    option: "--function-name",
    fits: /^[A-Za-z0-9_-]{1,36}$/,
    right: "1 to 36 letters, digits, hyphens and underscores",
    values: ({ functionName }) => [functionName],
  },
  {
    option: "--endpoint",
    fits: /^[a-z0-9-]+(\.[a-z0-9-]+)+$/,
    right: "a name such as mydb.abc123.us-east-1.rds.amazonaws.com, without a port",
    values: ({ endpoint }) => [endpoint],
  },
  { option: "--vpc", fits: /^vpc-[0-9a-f]{8,17}$/, right: "such as vpc-0a1b2c3d4e5f60718", values: ({ vpcId }) => [vpcId] },
  {
    option: "--subnet",
    fits: /^subnet-[0-9a-f]{8,17}$/,
    right: "such as subnet-0a1b2c3d4e5f60718",
    values: ({ subnetIds }) => subnetIds,
  },
  {
    option: "--security-group",
    fits: /^sg-[0-9a-f]{8,17}$/,
    right: "such as sg-0a1b2c3d4e5f60718",
    values: ({ securityGroupIds }) => securityGroupIds,
  },
  {
    option: "--partner-account",
    fits: /^[0-9]{12}$/,
    right: "the partner's AWS account id, 12 digits",
    values: ({ partnerAccount }) => [partnerAccount],
  },
];

/** Throws PUBLISH_REFUSED with every value that AWS would not take. */
export const assertWanted = (wanted: PublishWanted): void => {
  const wrong = RULES.flatMap(({ option, fits, right, values }) =>
    values(wanted)
      .filter((value) => !fits.test(value))
      .map((value) => `  ${option} ${quoted(value)} must be ${right}`),
  );
  if (wrong.length > 0)
    throw refuse(["Nothing was asked of AWS, for this would not work:", ...wrong].join("\n"), "Correct that and run it again.");
};

/** The instance's or the cluster's own name: the first label of its endpoint. */
export const databaseId = ({ endpoint }: Pick<PublishWanted, "endpoint">): string => endpoint.split(".")[0] ?? "";
