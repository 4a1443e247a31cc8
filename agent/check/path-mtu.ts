import * as z from "zod";
import { addressWithin } from "../lib/ip.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { ObservedIke } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import { isUp } from "../model/status.ts";
import { Unknown } from "./facts.ts";
import type { Commands } from "./host-reader.ts";

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

interface Path {
  readonly target: string;
  readonly source: string;
  readonly mark: number | undefined;
}

const passes = async (commands: Commands, { target, source, mark }: Path, bytes: number): Promise<boolean> => {
  const mine = mark === undefined ? [] : ["-m", String(mark)];
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

const routeAnswer = z.tuple([z.object({ dev: z.string() })]).rest(z.unknown());
const linkAnswer = z.tuple([z.object({ mtu: z.number() })]).rest(z.unknown());

const ipJson = async (commands: Commands, ...args: readonly string[]): Promise<unknown> =>
  JSON.parse((await commands.run("ip", ["-json", ...args], PING_MS)).output);

const linkMtu = async (commands: Commands, tunnel: DesiredTunnel, { target, source }: Path): Promise<number> => {
  const dev = tunnel.link ?? routeAnswer.parse(await ipJson(commands, "route", "get", target, "from", source))[0].dev;
  return linkAnswer.parse(await ipJson(commands, "link", "show", "dev", dev))[0].mtu;
};

const childOf = (tunnel: DesiredTunnel, sas: readonly ObservedIke[]) =>
  sas
    .filter(({ name }) => name === tunnel.conn)
    .flatMap(({ childSas }) => childSas)
    .find(({ state }) => isUp({ child: state }));

const measure = async (commands: Commands, tunnel: DesiredTunnel, encap: boolean, path: Path): Promise<PathMtu> => {
  const expected = Math.min(awsMtu(tunnel.espProposal, encap), await linkMtu(commands, tunnel, path));
  const bytes = await largestPassing((size) => passes(commands, path, size), expected);
  return { ref: tunnel.ref, index: tunnel.index, target: path.target, expected, bytes };
};

export interface MtuWorld {
  readonly settings: Settings;
  readonly tunnels: readonly DesiredTunnel[];
  readonly sas: readonly ObservedIke[];
  /** Of this host. */
  readonly addresses: readonly string[];
}

/** Measures every tunnel that is up and has something to be probed. Rejects with Unknown when there is none. */
export const gatherPathMtus = async (commands: Commands, world: MtuWorld): Promise<PathMtu[]> => {
  const { settings, tunnels, sas, addresses } = world;
  const jobs = tunnels.flatMap((tunnel) => {
    const own = settings.connections.find((one) => connectionKey(one) === connectionKey(tunnel.ref));
    const source = addressWithin(addresses, own?.local.subnets ?? []);
    const child = childOf(tunnel, sas);
    if (!own?.probe || source === undefined || !child) return [];
    return [measure(commands, tunnel, child.encap, { target: own.probe.target, source, mark: tunnel.probeMark })];
  });
  if (jobs.length > 0) return Promise.all(jobs);
  throw new Unknown(
    "No tunnel is up that has a probe.target to send packets to.",
    "Set probe.target to an address in the space that answers, and check again when a tunnel is up.",
  );
};
