import { askMetadata, METADATA } from "../lib/metadata.ts";
import type { HostReader } from "./host-reader.ts";

/** What an EC2 instance is told about itself. */
export interface Ec2Metadata {
  readonly instanceId: string;
  /** undefined for an instance without one. */
  readonly publicAddress: string | undefined;
}

/** Instances' metadata service is asked in its version 2. Source: EC2 user guide, "Access instance metadata". */
const PATIENCE_MS = 1000;

/** Only an instance of EC2 is asked: elsewhere the address may be anybody's. */
export const isEc2 = async (reader: HostReader): Promise<boolean> =>
  ((await reader.text("/sys/class/dmi/id/sys_vendor")) ?? "").trim() === "Amazon EC2" ||
  ((await reader.text("/sys/hypervisor/uuid")) ?? "").startsWith("ec2");

/** Asks the metadata service at `base`; undefined when it does not know the instance. Rejects when nothing answers. */
export const ec2Metadata = async (signal: AbortSignal, base = METADATA): Promise<Ec2Metadata | undefined> => {
  const ask = (path: string, headers: Readonly<Record<string, string>>, method = "GET") =>
    askMetadata({ base, path, method, headers, patienceMs: PATIENCE_MS }, signal);
  const token = await ask("/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": "60" }, "PUT");
  if (token === undefined) return undefined;
  const [instanceId, publicAddress] = await Promise.all(
    ["instance-id", "public-ipv4"].map((name) => ask(`/latest/meta-data/${name}`, { "x-aws-ec2-metadata-token": token })),
  );
  return instanceId === undefined ? undefined : { instanceId, publicAddress };
};
