import { messageOf, SpacegateError } from "../lib/errors.ts";
import { type Imds, openImds } from "../lib/imds.ts";
import { arn } from "./arn.ts";
import { type Asked, toTrouble } from "./aws-failure.ts";
import type { Interfaces } from "./seams.ts";
import { Trouble } from "./trouble.ts";
import { CLIENT_OPTIONS } from "./vault.ts";

const PATIENCE_MS = 2000;

const silent = (why: string, cause?: unknown): Trouble =>
  new Trouble(
    "long",
    new SpacegateError("FIRST_BOOT_REFUSED", `EC2's metadata service does not answer (${why}).`, {
      fix: "Switch it on for the instance, with IMDSv2 (HttpTokens required is right); outside EC2 say region: and source_dest_check: ignore.",
      cause,
    }),
  );

/** One look at the metadata service at `base`. Rejects with Trouble. */
const withImds = async <T>(base: string, signal: AbortSignal, job: (imds: Imds) => Promise<T>): Promise<T> => {
  try {
    const imds = await openImds(base, PATIENCE_MS, signal);
    if (imds) return await job(imds);
  } catch (thrown) {
    signal.throwIfAborted();
    throw silent(messageOf(thrown), thrown);
  }
  throw silent("it gives no session");
};

/** The region that this instance is in. Rejects with Trouble. */
export const instanceRegion = (base: string, signal: AbortSignal): Promise<string> =>
  withImds(base, signal, async ({ read }) => {
    const region = await read("placement/region");
    if (region === undefined) throw new Error("it names no region");
    return region;
  });

const interfaceIds = (base: string, signal: AbortSignal): Promise<string[]> =>
  withImds(base, signal, async ({ read }) => {
    const macs = ((await read("network/interfaces/macs/")) ?? "").split("\n").map((line) => line.replace(/\/$/, ""));
    const ids = await Promise.all(macs.map((mac) => read(`network/interfaces/macs/${mac}/interface-id`)));
    const known = ids.filter((id) => id !== undefined);
    if (known.length === 0) throw new Error("it names no network interface");
    return known.sort();
  });

const asked = (action: string, id: string, region: string): Asked => ({
  action: `ec2:${action}`,
  resource: arn("ec2", region, `network-interface/${id}`),
  what: `the network interface ${id}`,
  region,
  make: "aws ec2 describe-network-interfaces tells which ones there are.",
});

/** This instance's interfaces, asked of EC2. `base`: of the metadata service. */
export const ec2Interfaces = (base: string, region: () => Promise<string>, signal: AbortSignal): Interfaces => {
  const ec2 = async () => {
    const sdk = await import("./sdk-ec2.ts");
    const own = await region();
    return { sdk, own, client: new sdk.EC2Client({ region: own, ...CLIENT_OPTIONS }) };
  };
  return {
    ids: () => interfaceIds(base, signal),
    isChecked: async (id) => {
      const { sdk, own, client } = await ec2();
      const command = new sdk.DescribeNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Attribute: "sourceDestCheck" });
      const answer = await client.send(command).catch((thrown: unknown) => {
        throw toTrouble(thrown, asked("DescribeNetworkInterfaceAttribute", id, own));
      });
      // Whatever says nothing is as AWS makes interfaces: checked.
      return answer.SourceDestCheck?.Value ?? true;
    },
    stopChecking: async (id) => {
      const { sdk, own, client } = await ec2();
      const command = new sdk.ModifyNetworkInterfaceAttributeCommand({
        NetworkInterfaceId: id,
        SourceDestCheck: { Value: false },
      });
      await client.send(command).catch((thrown: unknown) => {
        throw toTrouble(thrown, asked("ModifyNetworkInterfaceAttribute", id, own));
      });
    },
  };
};
