import { isIPv4 } from "../lib/ip.ts";
import { askMetadata, METADATA } from "../lib/metadata.ts";

interface Cloud {
  readonly name: string;
  /** What the firmware says about its maker, /sys/class/dmi/id/sys_vendor. */
  readonly vendor: RegExp;
  /** Gives leave to ask; its answer goes into `header` of the question. */
  readonly session?: { readonly path: string; readonly ttl: string; readonly header: string };
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sources: each provider's documentation of its instance metadata. Microsoft's firmware name is Azure's and Hyper-V's alike. */
const CLOUDS: readonly Cloud[] = [
  {
    name: "EC2",
    vendor: /^Amazon EC2$/,
    session: {
      path: "/latest/api/token",
      ttl: "x-aws-ec2-metadata-token-ttl-seconds",
      header: "x-aws-ec2-metadata-token",
    },
    path: "/latest/meta-data/public-ipv4",
  },
  {
    name: "Google Cloud",
    vendor: /^Google$/,
    path: "/computeMetadata/v1/instance/network-interfaces/0/access-configs/0/external-ip",
    headers: { "metadata-flavor": "Google" },
  },
  {
    name: "Azure",
    vendor: /^Microsoft Corporation$/,
    path: "/metadata/instance/network/interface/0/ipv4/ipAddress/0/publicIpAddress?api-version=2021-02-01&format=text",
    headers: { metadata: "true" },
  },
  { name: "DigitalOcean", vendor: /^DigitalOcean$/, path: "/metadata/v1/interfaces/public/0/ipv4/address" },
  { name: "Hetzner", vendor: /^Hetzner$/, path: "/hetzner/v1/metadata/public-ipv4" },
  { name: "OpenStack", vendor: /^OpenStack/, path: "/latest/meta-data/public-ipv4" },
];

const PATIENCE_MS = 1500;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Nothing is waited for long: where no service is, nobody answers at all. */
const textFrom = async (base: string, asked: Asked, signal: AbortSignal): Promise<string | undefined> => {
  try {
    return await askMetadata({ base, ...asked, patienceMs: PATIENCE_MS }, signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
};

export interface CloudAddress {
  readonly cloud: string;
  readonly address: string;
}

/**
 * The public address that this host's cloud tells it; undefined elsewhere, and where it has none. Only the cloud whose firmware
 * this is gets asked: elsewhere anybody may have the address. `vendor`: text of /sys/class/dmi/id/sys_vendor.
 */
export const cloudAddress = async (vendor: string, signal: AbortSignal, base = METADATA): Promise<CloudAddress | undefined> => {
  const cloud = CLOUDS.find((one) => one.vendor.test(vendor.trim()));
  if (!cloud) return undefined;
  const { session, path, headers = {} } = cloud;
  const leave =
    session && (await textFrom(base, { method: "PUT", path: session.path, headers: { [session.ttl]: "60" } }, signal));
  if (session && leave === undefined) return undefined;
  const withLeave = session && leave !== undefined ? { ...headers, [session.header]: leave } : headers;
  const address = await textFrom(base, { method: "GET", path, headers: withLeave }, signal);
  return address !== undefined && isIPv4(address) ? { cloud: cloud.name, address } : undefined;
};
