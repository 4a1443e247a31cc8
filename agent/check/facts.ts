import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { ConnectionRef } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { ObservedIke } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import type { Status, Warning } from "../model/status.ts";
import type { AppArmorProfile } from "./apparmor.ts";
import type { Ec2Metadata } from "./ec2.ts";
import type { PathMtu } from "./path-mtu.ts";
import type { PortHolder } from "./ports.ts";
import type { MainRoute } from "./routes.ts";
import type { SecretFile } from "./secret-files.ts";
import type { TcpMss } from "./tcp-mss.ts";
import type { UdpAnswer } from "./udp-answers.ts";

/** Something in a connection's details that does not fit the settings or this host. */
export interface DetailProblem {
  readonly connection: string;
  readonly severity: "error" | "warning";
  readonly field: string;
  readonly text: string;
  readonly fix: string;
}

/** What a plan made now would say, without carrying anything out. */
export interface Outlook {
  readonly tunnels: readonly DesiredTunnel[];
  readonly problems: readonly DetailProblem[];
  /** The declared warnings that hold at this moment, as far as one look tells. */
  readonly warnings: readonly Warning[];
  /** "absent", or by which way charon answers: "vici", "statusall". */
  readonly charon: string;
  /** Every SA of charon's; none while it does not answer. */
  readonly sas: readonly ObservedIke[];
  /** undefined below a directory, where there is none. */
  readonly firewall: Status["firewall"];
  /** The agent starts strongSwan itself: until it runs nobody expects one. */
  readonly standalone: boolean;
}

export interface Charon {
  readonly plugins: readonly string[];
  /** Names by kind, as charon spells them. */
  readonly algorithms: ReadonlyMap<string, readonly string[]>;
}

/** How strictly the kernel judges by which interface a packet came in: 0 not, 1 strictly, 2 loosely. */
export interface ReversePath {
  readonly dev: string;
  readonly mode: number;
}

export interface PublicAddress {
  readonly ref: ConnectionRef;
  readonly addresses: readonly string[];
  /** "the settings", "EC2's metadata", "this host's interfaces". */
  readonly from: string;
}

/** Everything that checks look at. */
export interface FactValues {
  readonly settings: Settings;
  /** What the source says now; a connection without an answer has the last good details. */
  readonly sources: readonly SourceState[];
  readonly outlook: Outlook;
  /** The running agent's snapshot. */
  readonly agent: Status;
  /** "5.9.8"; null where strongSwan is not installed. */
  readonly strongswan: string | null;
  readonly charon: Charon;
  readonly ports: readonly PortHolder[];
  /** Kernel modules that are there, built in or ready to be loaded. */
  readonly modules: { readonly esp4: boolean; readonly ip_vti: boolean };
  /** Of this host, without loopback. */
  readonly addresses: readonly string[];
  readonly ipForward: boolean;
  readonly reversePaths: readonly ReversePath[];
  /** null: connections are not tracked. */
  readonly conntrack: { readonly count: number; readonly max: number } | null;
  readonly udpAnswers: readonly UdpAnswer[];
  readonly clock: { readonly offsetMs: number; readonly against: string };
  readonly publicAddresses: readonly PublicAddress[];
  readonly pathMtus: readonly PathMtu[];
  readonly tcpMss: readonly TcpMss[];
  readonly secretFiles: readonly SecretFile[];
  readonly apparmor: readonly AppArmorProfile[];
  readonly routes: readonly MainRoute[];
  /** The EC2 instance that this host is; null when it is none. */
  readonly ec2: Ec2Metadata | null;
  /** Interfaces of this instance whose source/destination check is on; null: nobody could be asked. */
  readonly checkedInterfaces: readonly string[] | null;
}

export type FactName = keyof FactValues;

export type Fact<T> =
  | { readonly known: true; readonly value: T }
  /** `find`: how a person can find out all the same. */
  | { readonly known: false; readonly why: string; readonly find?: string };

export type Facts = { readonly [N in FactName]: Fact<FactValues[N]> };

/** Another fact, for one that rests on it; rejects with Unknown. */
export type Get = <N extends FactName>(name: N) => Promise<FactValues[N]>;

/** How each fact is found. The signal ends what is under way when the time is over. */
export type Gatherers = { readonly [N in FactName]: (get: Get, signal: AbortSignal) => Promise<FactValues[N]> };

/** A fact that cannot be had here: not an error, but the reason why a check is skipped. */
export class Unknown extends Error {
  override readonly name = "Unknown";
  readonly find: string | undefined;

  constructor(why: string, find?: string) {
    super(why);
    this.find = find;
  }
}

const findOf = (thrown: unknown): string | undefined => {
  if (thrown instanceof Unknown) return thrown.find;
  return thrown instanceof SpacegateError ? thrown.fix : undefined;
};

const unknown = (thrown: unknown): Fact<never> => {
  const find = findOf(thrown);
  return { known: false, why: messageOf(thrown), ...(find === undefined ? {} : { find }) };
};

const untilOver = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const give = () => reject(new Unknown("It could not be found out in time."));
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });

/** Finds every fact, each once and all at the same time; one that fails or is late is unknown and says why. Never rejects. */
export const gather = async (gatherers: Gatherers, signal: AbortSignal): Promise<Facts> => {
  const over = untilOver(signal);
  over.catch(() => undefined);
  const begun = new Map<FactName, Promise<unknown>>();
  const get: Get = <N extends FactName>(name: N): Promise<FactValues[N]> => {
    const before = begun.get(name) as Promise<FactValues[N]> | undefined;
    const found = before ?? Promise.race([gatherers[name](get, signal), over]);
    begun.set(name, found);
    return found;
  };
  const settle = async (name: FactName): Promise<[FactName, Fact<unknown>]> => [
    name,
    await get(name).then((value): Fact<unknown> => ({ known: true, value }), unknown),
  ];
  const names = Object.keys(gatherers) as FactName[];
  return Object.fromEntries(await Promise.all(names.map(settle))) as Facts;
};
