import { systemClock } from "../../../agent/lib/clock.ts";
import type { LinkProof } from "../../../agent/model/privatelink.ts";
import type { DnsAnswer } from "../../../agent/privatelink/observe/dns.ts";
import { type ProofTarget, prove } from "../../../agent/privatelink/observe/prove.ts";
import { HOST } from "./servers.ts";

/** What a resolver would say without being asked. */
export const saying =
  (...addresses: string[]) =>
  async (): Promise<DnsAnswer> => ({ addresses, failure: "" });

export const target = (port: number, protocol: ProofTarget["protocol"], more: Partial<ProofTarget> = {}): ProofTarget => ({
  hostname: "vpce-1.data.example",
  owner: "endpoint",
  privateDns: false,
  inside: ["127.0.0.0/8"],
  port,
  protocol,
  ...more,
});

export const STEP_MS = 400;

/** Proves a link whose name leads to this host. */
export const proveOn = (
  port: number,
  protocol: ProofTarget["protocol"],
  more: Partial<ProofTarget> = {},
  stepMs = 5000,
): Promise<LinkProof> =>
  prove(target(port, protocol, more), { clock: systemClock, resolve: saying(HOST), stepMs }, new AbortController().signal);
