import { createLimit } from "../lib/limit.ts";
import type { ConnectionRef } from "../model/connection.ts";
import { Unknown } from "./facts.ts";
import type { Commands } from "./host-reader.ts";
import { deviceTo, mtuOf } from "./route-query.ts";
import type { TunnelPath } from "./tunnel-paths.ts";

/** What one tunnel lets through, measured with pings that must not be fragmented. */
export interface PathMtu {
  readonly ref: ConnectionRef;
  readonly index: 1 | 2;
  readonly target: string;
  /** The most that should pass: AWS's figure for the proposal, or the interface's MTU where that is less. Bytes, with the IP header. */
  readonly expected: number;
  /** The most that passed; null when not even a small packet was answered. */
  readonly bytes: number | null;
}

/** Source: AWS Site-to-Site VPN user guide, "Best practices for an AWS Site-to-Site VPN customer gateway device" (MTU). */
const AWS_MTU: readonly (readonly [RegExp, { readonly plain: number; readonly natT: number }])[] = [
  [/gcm/, { plain: 1446, natT: 1438 }],
  [/sha512/, { plain: 1422, natT: 1406 }],
  [/sha384/, { plain: 1422, natT: 1422 }],
];
const AWS_MTU_SHA1_SHA256 = { plain: 1438, natT: 1422 };

/** The largest packet that AWS says a tunnel with this ESP proposal carries. `encap`: ESP in UDP. */
export const awsMtu = (espProposal: string, encap: boolean): number => {
  const row = AWS_MTU.find(([pattern]) => pattern.test(espProposal))?.[1] ?? AWS_MTU_SHA1_SHA256;
  return encap ? row.natT : row.plain;
};

/** IPv4 header and ICMP header. */
const PING_HEADERS = 28;
const SMALL = 84;
/** Every link carries this much. Source: RFC 791. */
const LEAST = 576;
const SIZES_AT_A_TIME = 8;
const PING_MS = 3000;
/** Each takes several processes. */
const TUNNELS_AT_A_TIME = 8;

const passes = async (commands: Commands, { tunnel, target, source }: TunnelPath, bytes: number): Promise<boolean> => {
  const mine = tunnel.probeMark === undefined ? [] : ["-m", String(tunnel.probeMark)];
  const size = ["-M", "do", "-s", String(bytes - PING_HEADERS)];
  const argv = ["-n", "-q", "-c", "2", "-i", "0.2", "-W", "1", ...size, ...mine, "-I", source, target];
  return (await commands.run("ping", argv, PING_MS)).exitCode === 0;
};

/** Sizes that divide what lies between into equal parts, the last of them just below `failing`. */
const between = (passing: number, failing: number): number[] => {
  const step = Math.max(1, Math.ceil((failing - passing) / (SIZES_AT_A_TIME + 1)));
  return Array.from({ length: SIZES_AT_A_TIME }, (_, place) => passing + step * (place + 1)).filter((size) => size < failing);
};

/** The largest packet that passes, at most `limit`; null when none does. Every round tries several sizes at once. */
export const largestPassing = async (passesSize: (bytes: number) => Promise<boolean>, limit: number): Promise<number | null> => {
  if (await passesSize(limit)) return limit;
  if (!(await passesSize(SMALL))) return null;
  let [passing, failing] = [(await passesSize(LEAST)) ? LEAST : SMALL, limit];
  for (;;) {
    const sizes = between(passing, failing);
    if (sizes.length === 0) return passing;
    const passed = await Promise.all(sizes.map((size) => passesSize(size)));
    const firstFailure = passed.indexOf(false);
    failing = sizes[firstFailure] ?? failing;
    passing = (firstFailure === -1 ? sizes.at(-1) : sizes[firstFailure - 1]) ?? passing;
  }
};

const measure = async (commands: Commands, path: TunnelPath, signal: AbortSignal): Promise<PathMtu> => {
  const { tunnel, encap, target, source } = path;
  const mtu = await mtuOf(commands, tunnel.link ?? (await deviceTo(commands, target, source)));
  const expected = Math.min(awsMtu(tunnel.espProposal, encap), mtu);
  const passesInTime = async (size: number): Promise<boolean> => {
    signal.throwIfAborted();
    return passes(commands, path, size);
  };
  return {
    ref: tunnel.ref,
    index: tunnel.index,
    target,
    expected,
    bytes: await largestPassing(passesInTime, expected),
  };
};

/** Measures every tunnel that is up and has something to be probed. Rejects with Unknown when there is none, and when it is over. */
export const gatherPathMtus = async (
  commands: Commands,
  paths: readonly TunnelPath[],
  signal: AbortSignal,
): Promise<PathMtu[]> => {
  const limit = createLimit(TUNNELS_AT_A_TIME);
  if (paths.length > 0) return Promise.all(paths.map((path) => limit(() => measure(commands, path, signal))));
  throw new Unknown(
    "No tunnel is up that has a probe.target to send packets to.",
    "Set probe.target to an address in the space that answers, and check again when a tunnel is up.",
  );
};
