import type { HostReader } from "./host-reader.ts";

/** What an EC2 instance is told about itself. */
export interface Ec2Metadata {
  readonly instanceId: string;
  /** undefined for an instance without one. */
  readonly publicAddress: string | undefined;
}

/** Instances' metadata service, version 2. Source: EC2 user guide, "Access instance metadata". */
const METADATA = "http://169.254.169.254";
const PATIENCE_MS = 1000;

/** Only an instance of EC2 is asked: elsewhere the address may be anybody's. */
export const isEc2 = async (reader: HostReader): Promise<boolean> =>
  ((await reader.text("/sys/class/dmi/id/sys_vendor")) ?? "").trim() === "Amazon EC2" ||
  ((await reader.text("/sys/hypervisor/uuid")) ?? "").startsWith("ec2");

const ask = async (base: string, path: string, init: RequestInit, signal: AbortSignal): Promise<string | undefined> => {
  const answer = await fetch(new URL(path, base), {
    ...init,
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  return answer.ok ? (await answer.text()).trim() : undefined;
};

/** Asks the metadata service at `base`; undefined when it does not know the instance. Rejects when nothing answers. */
export const ec2Metadata = async (signal: AbortSignal, base = METADATA): Promise<Ec2Metadata | undefined> => {
  const put = { method: "PUT", headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" } };
  const token = await ask(base, "/latest/api/token", put, signal);
  if (token === undefined) return undefined;
  const get = { headers: { "x-aws-ec2-metadata-token": token } };
  const [instanceId, publicAddress] = await Promise.all(
    ["instance-id", "public-ipv4"].map((name) => ask(base, `/latest/meta-data/${name}`, get, signal)),
  );
  return instanceId === undefined ? undefined : { instanceId, publicAddress };
};
