import { openImds } from "../lib/imds.ts";
import { METADATA } from "../lib/metadata.ts";
import type { HostReader } from "./host-reader.ts";

/** What an EC2 instance is told about itself. */
export interface Ec2Metadata {
  readonly instanceId: string;
  /** undefined for an instance without one. */
  readonly publicAddress: string | undefined;
}

const PATIENCE_MS = 1000;

/** Only an instance of EC2 is asked: elsewhere the address may be anybody's. */
export const isEc2 = async (reader: HostReader): Promise<boolean> =>
  ((await reader.text("/sys/class/dmi/id/sys_vendor")) ?? "").trim() === "Amazon EC2" ||
  ((await reader.text("/sys/hypervisor/uuid")) ?? "").startsWith("ec2");

/** Asks the metadata service at `base`; undefined when it does not know the instance. Rejects when nothing answers. */
export const ec2Metadata = async (signal: AbortSignal, base = METADATA): Promise<Ec2Metadata | undefined> => {
  const imds = await openImds(base, PATIENCE_MS, signal);
  if (!imds) return undefined;
  const [instanceId, publicAddress] = await Promise.all(["instance-id", "public-ipv4"].map(imds.read));
  return instanceId === undefined ? undefined : { instanceId, publicAddress };
};
