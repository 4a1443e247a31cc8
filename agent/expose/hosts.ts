import { hostname, networkInterfaces } from "node:os";
import type { Settings } from "../model/settings.ts";

type Listen = Settings["listen"];

const ANY = "0.0.0.0";
const LOOPBACK = ["localhost", "127.0.0.1"];

const isLoopback = (address: string): boolean => address.startsWith("127.");

/** What may stand in the Host header; undefined: anything, where the owner chose to listen for others. */
export const allowedHosts = ({ address, tls }: Listen): ReadonlySet<string> | undefined =>
  isLoopback(address)
    ? new Set([...LOOPBACK, "[::1]", address, ...(tls?.names ?? []).map((name) => name.toLowerCase())])
    : undefined;

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);

/** Host names may hold what no certificate may. */
const DNS_NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i;

/** What a certificate of the agent's own must be good for; the first is the host's name, or the owner's for it. */
export const certificateHosts = ({ address, tls }: Listen): string[] => {
  const reachedBy = address === ANY ? [...ownAddresses(), ...LOOPBACK] : isLoopback(address) ? [address, ...LOOPBACK] : [address];
  return [...new Set([...(tls?.names ?? []), ...[hostname()].filter((name) => DNS_NAME.test(name)), ...reachedBy])];
};
