/** One tunnel of a connection, as steering sees it. */
export interface Candidate {
  readonly index: 1 | 2;
  /** "coming": it is being brought up and has had no verdict yet. With policy routing the idle tunnel is "ready": down, and free to be tried. */
  readonly state: "up" | "coming" | "ready" | "down";
  /** false: proven dead. null: nothing proves it either way. */
  readonly passing: boolean | null;
  /** Probes run, so that a missing proof means something. */
  readonly probed: boolean;
  /** Probes sent since it began to pass, of the newest hundred, and how many of these were lost. */
  readonly sent: number;
  readonly lost: number;
  /** The agent is about to replace its SAs. */
  readonly changing: boolean;
}

export interface SteerOptions {
  /** The tunnel that carries when both are well; undefined: whichever carries now. */
  readonly preferred: 1 | 2 | undefined;
  /** So long the probes of a tunnel that failed must have been clean before traffic comes back to it, milliseconds. */
  readonly holdDownMs: number;
}

/** What steering remembers of one tunnel. Moments are monotonic milliseconds. */
interface Record_ {
  /** It was well at the last look. */
  readonly well: boolean;
  /** Well ever since, and losing next to nothing. */
  readonly cleanSince: number | null;
  readonly failures: number;
}

/** What steering remembers of a connection between two calls. */
export interface SteerMemory {
  readonly carrier: 1 | 2;
  readonly tunnels: Readonly<Partial<Record<1 | 2, Record_>>>;
}

export interface Steering {
  readonly memory: SteerMemory;
  /** Why traffic moves now; undefined when it stays. */
  readonly move: string | undefined;
  /** Milliseconds until time alone may change the decision; null when only an event can. */
  readonly nextMs: number | null;
}

/** A tunnel that has not failed yet needs only a moment's proof before it is preferred. */
const FIRST_PROOF_MS = 2000;
const MAX_HOLD_DOWN_MS = 3_600_000;
/** Clean for so many hold-downs, a tunnel's old failures are forgotten. */
const FORGIVEN_AFTER = 10;
/** On any long way a packet is lost now and then. */
const CLEAN_LOSS = 0.02;
/** TCP hardly moves any more. Far above CLEAN_LOSS, so that a tunnel between the two neither loses traffic nor gets it. */
const LOSSY = 0.1;
/** Fewer probes prove no loss ratio. */
const EVIDENCE = 50;

const UNKNOWN: Record_ = { well: false, cleanSince: null, failures: 0 };

const isWell = (tunnel: Candidate): boolean =>
  tunnel.state === "up" && (tunnel.passing === true || (!tunnel.probed && tunnel.passing !== false));

const lossOf = ({ sent, lost }: Candidate): number => (sent === 0 ? 0 : lost / sent);

const isClean = (tunnel: Candidate): boolean => isWell(tunnel) && lossOf(tunnel) <= CLEAN_LOSS;

const isLossy = (tunnel: Candidate): boolean => isWell(tunnel) && tunnel.sent >= EVIDENCE && lossOf(tunnel) >= LOSSY;

const hasFailed = (tunnel: Candidate): boolean => tunnel.state === "down" || (tunnel.state === "up" && tunnel.passing === false);

/** How long a tunnel must be clean before it is preferred: doubling with each failure. */
const proofNeeded = (failures: number, { holdDownMs }: SteerOptions): number =>
  failures === 0
    ? Math.min(FIRST_PROOF_MS, holdDownMs)
    : Math.min(MAX_HOLD_DOWN_MS, holdDownMs * 2 ** Math.min(failures - 1, 12));

const remember = (tunnel: Candidate, before: Record_, options: SteerOptions, now: number): Record_ => {
  const well = isWell(tunnel);
  const cleanSince = isClean(tunnel) ? (before.cleanSince ?? now) : null;
  if (cleanSince !== null && now - cleanSince >= FORGIVEN_AFTER * options.holdDownMs) return { well, cleanSince, failures: 0 };
  // What the agent itself takes down has not failed, and a tunnel fails once, not at every look.
  const fails = before.well && hasFailed(tunnel) && !tunnel.changing;
  return { well, cleanSince, failures: before.failures + (fails ? 1 : 0) };
};

/** Whether traffic that leaves a failed carrier gains anything by this tunnel. */
const isBetter = (other: Candidate, carrier: Candidate): boolean => {
  const carrierPasses = carrier.state === "up" && carrier.passing !== false;
  if (other.changing && carrierPasses) return false;
  if (other.state === "ready") return true;
  if (other.state !== "up" || other.passing === false) return false;
  // A carrier without a CHILD_SA passes nothing at all; one that is up is left only for something proven.
  return carrier.state !== "up" || isWell(other);
};

const leaves = (carrier: Candidate, other: Candidate): string | undefined => {
  if (carrier.state === "down") return "its CHILD_SA is gone";
  if (carrier.state === "up" && carrier.passing === false) return "nothing comes back through it";
  if (carrier.changing) return "it is about to be replaced";
  if (carrier.state === "coming" && other.state === "up" && other.passing === true)
    return "it is not up yet, and the other one passes";
  return undefined;
};

/** Milliseconds until it has been clean for as long as traffic asks that is moved by choice; null when it is not clean. */
const provenIn = (tunnel: Candidate, record: Record_, options: SteerOptions, now: number): number | null => {
  if (tunnel.changing || record.cleanSince === null) return null;
  // However short the hold-down: a few answers in a row are luck, and a tunnel that failed has used its own up.
  if (record.failures > 0 && tunnel.probed && tunnel.sent < EVIDENCE) return null;
  return Math.max(0, record.cleanSince + proofNeeded(record.failures, options) - now);
};

const withFailure = (tunnels: SteerMemory["tunnels"], { index }: Candidate): SteerMemory["tunnels"] => {
  const record = tunnels[index] ?? UNKNOWN;
  return { ...tunnels, [index]: { ...record, failures: record.failures + 1 } };
};

/** Why the other tunnel would be better than a carrier that passes; undefined when it would not. */
const betterFor = (carrier: Candidate, other: Candidate, { preferred }: SteerOptions): string | undefined => {
  if (isLossy(carrier) && other.sent >= EVIDENCE)
    return `it loses ${Math.round(100 * lossOf(carrier))}% of the probes, and the other one next to none`;
  return preferred === other.index ? "the preferred tunnel has been well for long enough" : undefined;
};

/**
 * Which of a connection's tunnels should carry. A failed carrier is left at once, for a tunnel that is better; traffic comes
 * back to the preferred tunnel after a hold-down of clean probes that doubles with each failure. A carrier that passes and
 * loses much is left for a tunnel that has been clean as long as that; with none better nothing moves.
 * `now` is monotonic milliseconds.
 */
export const steer = (candidates: readonly Candidate[], before: SteerMemory, options: SteerOptions, now: number): Steering => {
  const tunnels = Object.fromEntries(
    candidates.map((tunnel) => [tunnel.index, remember(tunnel, before.tunnels[tunnel.index] ?? UNKNOWN, options, now)]),
  ) as SteerMemory["tunnels"];
  const stay = (nextMs: number | null): Steering => ({ memory: { carrier: before.carrier, tunnels }, move: undefined, nextMs });
  const carrier = candidates.find((tunnel) => tunnel.index === before.carrier);
  const other = candidates.find((tunnel) => tunnel.index !== before.carrier);
  if (!carrier || !other) return stay(null);
  const go = (move: string, left = tunnels): Steering => ({
    memory: { carrier: other.index, tunnels: left },
    move,
    nextMs: null,
  });
  const why = leaves(carrier, other);
  if (why !== undefined) return isBetter(other, carrier) ? go(why) : stay(null);
  const choice = betterFor(carrier, other, options);
  const waitMs = provenIn(other, tunnels[other.index] ?? UNKNOWN, options, now);
  if (choice === undefined || waitMs !== 0) return stay(choice === undefined ? null : waitMs);
  return go(choice, isLossy(carrier) ? withFailure(tunnels, carrier) : tunnels);
};
