import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { Ledger, ObservedChild, ObservedIke } from "../model/observed.ts";
import type { Step } from "../model/step.ts";
import { isOwnConn } from "./naming.ts";

/** What the agent remembers of its tries to bring one tunnel up. Times are monotonic milliseconds. */
export interface Attempt {
  /** True while charon still works on the newest `initiate`. */
  readonly inFlight: boolean;
  readonly startedAt: number;
  /** No new try before this moment. */
  readonly notBefore: number;
}

export interface TunnelContext {
  readonly sas: readonly ObservedIke[];
  readonly ledger: Ledger;
  readonly fingerprint: (tunnel: DesiredTunnel) => string;
  /** By conn. */
  readonly attempts: Readonly<Record<string, Attempt>>;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Whether this tunnel should be up now: always with vti, only the carrier with policy. */
  readonly wanted: (tunnel: DesiredTunnel) => boolean;
  /** None is wanted, because the gateway is being taken out of service. */
  readonly closed?: boolean;
  /** The conns that carry their connection's traffic. */
  readonly carriers: ReadonlySet<string>;
  /** false: proven dead. null: nothing proves it either way. */
  readonly passing: (conn: string) => boolean | null;
  /** Up, but dead for so long that only new SAs may help: the far end may have lost the old ones. */
  readonly hopeless: ReadonlySet<string>;
}

/** charon works on one initiate for so long before it is ended and tried anew; its own patience is 165 s. */
const CONNECTING_LIMIT_MS = 10_000;
/** A second IKE_SA of one tunnel is normal while keys are renewed; longer than this it has piled up. */
const DUPLICATE_GRACE_S = 30;
const CHILDLESS_GRACE_S = 5;

const LIVE_CHILD = new Set(["INSTALLED", "REKEYING", "REKEYED", "UPDATING"]);

export const isLiveChild = (child: ObservedChild): boolean => LIVE_CHILD.has(child.state);

/** Whatever the IKE_SA's own state: IKEv1 hands the CHILD_SAs to the new IKE_SA while that is still CONNECTING. */
const hasChild = (ike: ObservedIke): boolean => ike.childSas.some(isLiveChild);

const isEstablished = (ike: ObservedIke): boolean => ike.state === "ESTABLISHED";

/** Without VICI charon's marks are not told, so only a mark that is told can be wrong. */
const fits = (child: ObservedChild, tunnel: DesiredTunnel): boolean =>
  child.localTs.includes(tunnel.localTs) &&
  child.remoteTs.includes(tunnel.remoteTs) &&
  (child.markIn === undefined || child.markIn === tunnel.mark);

const hasSelectors = (ike: ObservedIke, tunnel: DesiredTunnel): boolean =>
  ike.childSas.every((child) => !isLiveChild(child) || fits(child, tunnel));

const hasAddresses = (ike: ObservedIke, tunnel: DesiredTunnel): boolean =>
  ike.remoteHost === tunnel.remote && ike.localHost === tunnel.local && ike.version === tunnel.ikeVersion;

const age = (ike: ObservedIke): number => ike.establishedS ?? 0;

interface TunnelSas {
  /** Built as desired and with a live CHILD_SA, newest first. */
  readonly good: readonly ObservedIke[];
  /** As desired, but authenticated with another PSK. */
  readonly oldPsk: readonly ObservedIke[];
  /** Built for other addresses, selectors or another IKE version. */
  readonly stale: readonly ObservedIke[];
  /** As desired and not (yet) carrying a CHILD_SA. */
  readonly unfinished: readonly ObservedIke[];
}

/** The SAs of one tunnel, told apart by what should become of them. */
const sortSas = (tunnel: DesiredTunnel, own: readonly ObservedIke[], context: TunnelContext): TunnelSas => {
  const fitting = own.filter((ike) => hasAddresses(ike, tunnel) && hasSelectors(ike, tunnel));
  const known = context.ledger.authenticated[tunnel.conn];
  const pskChanged = known !== undefined && known !== context.fingerprint(tunnel);
  const up = fitting.filter(hasChild).sort((a, b) => age(a) - age(b));
  return {
    good: pskChanged ? [] : up,
    oldPsk: pskChanged ? up : [],
    stale: own.filter((ike) => !fitting.includes(ike)),
    unfinished: fitting.filter((ike) => !hasChild(ike)),
  };
};

interface Sorted {
  readonly tunnel: DesiredTunnel;
  /** Every IKE_SA of its name that is not being deleted. */
  readonly own: readonly ObservedIke[];
  readonly sas: TunnelSas;
}

const end = (ike: ObservedIke, why: string): Step => ({ kind: "terminate-ike", conn: ike.name, uniqueId: ike.uniqueId, why });

const isHung = (ike: ObservedIke, attempt: Attempt | undefined, now: number): boolean => {
  // Renewed: charon keeps the old, empty one for some seconds.
  if (ike.state === "REKEYING" || ike.state === "REKEYED") return false;
  if (isEstablished(ike)) return age(ike) > CHILDLESS_GRACE_S && !attempt?.inFlight;
  // Without an attempt of ours charon is retrying by itself, on its long timers.
  return attempt === undefined || now - attempt.startedAt > CONNECTING_LIMIT_MS;
};

const surplus = (good: readonly ObservedIke[]): ObservedIke[] => {
  const [newest, ...older] = good;
  return newest && age(newest) > DUPLICATE_GRACE_S ? older : [];
};

const bringUp = (tunnel: DesiredTunnel, sas: TunnelSas, context: TunnelContext): Step[] => {
  const attempt = context.attempts[tunnel.conn];
  const hung = sas.unfinished.filter((ike) => isHung(ike, attempt, context.now));
  const cleanup = hung.map((ike) => end(ike, isEstablished(ike) ? "it has no CHILD_SA" : "it does not come up"));
  const busy = attempt?.inFlight || sas.unfinished.length > hung.length;
  if (busy || (attempt && context.now < attempt.notBefore)) return cleanup;
  const pskFingerprint = context.fingerprint(tunnel);
  if (sas.oldPsk.length > 0) {
    const old = sas.oldPsk.find(isEstablished);
    return old ? [...cleanup, { kind: "reauthenticate", conn: tunnel.conn, uniqueId: old.uniqueId, pskFingerprint }] : cleanup;
  }
  const why = sas.stale.length > 0 ? "it changed" : "it is down";
  return [...cleanup, { kind: "initiate", tunnel, pskFingerprint, why }];
};

const tearDown = ({ own }: Sorted, { closed }: TunnelContext): Step[] =>
  own.map((ike) => end(ike, closed ? "the gateway is draining" : "the other tunnel carries, and this one must not be up"));

const repair = ({ tunnel, sas, own }: Sorted, mayChange: boolean, context: TunnelContext): Step[] => {
  if (context.hopeless.has(tunnel.conn)) return own.map((ike) => end(ike, "nothing has come back through it for too long"));
  if (sas.good.length === 0) return mayChange ? bringUp(tunnel, sas, context) : [];
  const replaced = sas.stale.map((ike) => end(ike, "its replacement is up"));
  return [...replaced, ...surplus(sas.good).map((ike) => end(ike, "a newer one does its work"))];
};

/** Nothing is lost with old SAs that are proven dead. */
const carriesOldSas = ({ tunnel, sas }: Sorted, context: TunnelContext): boolean =>
  sas.good.length === 0 && [...sas.stale, ...sas.oldPsk].some(hasChild) && context.passing(tunnel.conn) !== false;

/**
 * The tunnels of one connection that may change now. One whose old SAs still carry waits until its sibling is up and
 * not proven dead; of two such tunnels the one that does not carry goes first, and steering then moves traffic to it.
 */
const allowed = (siblings: readonly Sorted[], context: TunnelContext): ReadonlySet<string> => {
  const settled = ({ tunnel, sas }: Sorted): boolean => sas.good.some(isEstablished) && context.passing(tunnel.conn) !== false;
  const waiting = siblings.filter((sibling) => carriesOldSas(sibling, context));
  const free = siblings.filter((sibling) => !carriesOldSas(sibling, context));
  const siblingsReady = free.filter(({ tunnel }) => context.wanted(tunnel)).every(settled);
  // The carrier's turn comes when traffic has moved off it, unless there is nothing to move it to.
  const alone = siblings.filter(({ tunnel }) => context.wanted(tunnel)).length < 2;
  const first = siblingsReady ? waiting.filter(({ tunnel }) => alone || !context.carriers.has(tunnel.conn)).slice(0, 1) : [];
  return new Set([...free, ...first].map(({ tunnel }) => tunnel.conn));
};

/** SAs of the agent's that belong to no tunnel any more; those in `kept` belong to connections that cannot be planned now. */
const orphans = (tunnels: readonly DesiredTunnel[], kept: ReadonlySet<string>, sas: readonly ObservedIke[]): Step[] => {
  const wanted = new Set(tunnels.map((tunnel) => tunnel.conn));
  return sas
    .filter((ike) => isOwnConn(ike.name) && !wanted.has(ike.name) && !kept.has(ike.name) && ike.state !== "DELETING")
    .map((ike) => end(ike, "its connection is no longer in the settings"));
};

export interface TunnelPlan {
  readonly steps: readonly Step[];
  /** Tunnels that should change and still carry with their old SAs: their turn has not come. */
  readonly waiting: readonly DesiredTunnel[];
  /** Tunnels that should change and still carry with their old SAs, whether or not their turn has come. */
  readonly changing: readonly DesiredTunnel[];
}

/** What must happen so that every wanted tunnel has exactly one live CHILD_SA, built as desired. */
export const tunnelSteps = (tunnels: readonly DesiredTunnel[], kept: ReadonlySet<string>, context: TunnelContext): TunnelPlan => {
  const byName = Map.groupBy(
    context.sas.filter((ike) => ike.state !== "DELETING"),
    (ike) => ike.name,
  );
  const sorted = tunnels.map((tunnel): Sorted => {
    const own = byName.get(tunnel.conn) ?? [];
    return { tunnel, own, sas: sortSas(tunnel, own, context) };
  });
  const groups = [...Map.groupBy(sorted, ({ tunnel }) => connectionKey(tunnel.ref)).values()];
  const may = new Set(groups.flatMap((siblings) => [...allowed(siblings, context)]));
  // A tunnel that must not be up goes first: two of them would fight for one policy.
  const unwanted = sorted.filter(({ tunnel }) => !context.wanted(tunnel));
  const wanted = sorted.filter(({ tunnel }) => context.wanted(tunnel));
  return {
    steps: [
      ...unwanted.flatMap((one) => tearDown(one, context)),
      ...wanted.flatMap((one) => repair(one, may.has(one.tunnel.conn), context)),
      ...orphans(tunnels, kept, context.sas),
    ],
    changing: wanted.filter((one) => carriesOldSas(one, context)).map(({ tunnel }) => tunnel),
    waiting: wanted.map(({ tunnel }) => tunnel).filter((tunnel) => !may.has(tunnel.conn)),
  };
};
