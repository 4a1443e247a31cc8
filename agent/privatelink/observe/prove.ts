import type { Socket } from "node:net";
import type { Clock } from "../../lib/clock.ts";
import { errnoOf, messageOf } from "../../lib/errors.ts";
import { oneLine } from "../../lib/text.ts";
import type { LinkProof, LinkProtocol } from "../../model/privatelink.ts";
import { type DnsAnswer, dnsTrouble, dnsVerdict, type NameOwner, type Resolve } from "./dns.ts";
import { type Greeting, greet } from "./greet.ts";
import type { Login } from "./redis.ts";
import { LinkTrial, withDeadline } from "./trial.ts";
import { dial } from "./wire.ts";

/** What is to be proven. */
export interface ProofTarget {
  readonly hostname: string;
  readonly owner: NameOwner;
  readonly privateDns: boolean;
  /** The VPC's blocks; for a gateway endpoint those of the service's prefix list. */
  readonly inside: readonly string[];
  readonly port: number;
  readonly protocol: LinkProtocol;
  /** Sent to Redis only: the other hellos end before anybody signs in. */
  readonly login?: Login;
}

export interface ProofDeps {
  readonly clock: Clock;
  readonly resolve: Resolve;
  /** Milliseconds for each of: the name, the connection, the hello. */
  readonly stepMs?: number;
}

const STEP_MS = 5000;

interface Dialled {
  readonly address: string;
  readonly socket: Socket | null;
  readonly rttMs: number;
  readonly errno: string;
}

const REFUSED_FIX =
  "The service behind the endpoint has no healthy target or another port: check the link's port, and ask the service's owner.";
const SILENT_FIX =
  "The endpoint's security group must let this host's address in on that port (allowed_cidrs), and the subnets' network ACLs both ways.";

const unreachable = (dialled: readonly Dialled[], port: number): LinkTrial => {
  const where = dialled.map(({ address }) => `${address}:${port}`).join(", ");
  const refused = dialled.some(({ errno }) => errno === "ECONNREFUSED" || errno === "ECONNRESET");
  return refused
    ? new LinkTrial(`${where} refuses the connection.`, REFUSED_FIX)
    : new LinkTrial(`${where} does not answer: ${dialled[0]?.errno ?? "no address"}.`, SILENT_FIX);
};

const dialOne = async (address: string, port: number, ms: number, clock: Clock, signal: AbortSignal): Promise<Dialled> => {
  const started = clock.monotonic();
  const attempt = { address, rttMs: 0, errno: "" };
  // The connection itself outlives the time that it may take to be made, so that two signals are needed.
  const opened = new AbortController();
  const stop = (): void => opened.abort(signal.reason);
  const timer = setTimeout(() => opened.abort(new Error("ETIMEDOUT")), ms);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const socket = await dial(address, port, opened.signal);
    socket.once("close", () => signal.removeEventListener("abort", stop));
    return { ...attempt, socket, rttMs: clock.monotonic() - started };
  } catch (thrown) {
    signal.removeEventListener("abort", stop);
    return { ...attempt, socket: null, errno: errnoOf(thrown) ?? messageOf(thrown) };
  } finally {
    clearTimeout(timer);
  }
};

const asTrial = (thrown: unknown): LinkTrial =>
  thrown instanceof LinkTrial ? thrown : new LinkTrial(oneLine(messageOf(thrown)), "The next look tries again.", thrown);

const late = (ms: number) => (): LinkTrial =>
  new LinkTrial(
    `The far end took the TCP connection and did not finish its answer within ${ms / 1000} s.`,
    "The service behind the endpoint hangs or speaks something else: check the link's protocol and port, and ask its owner.",
  );

/** One look at a link. */
class Proof {
  readonly #target: ProofTarget;
  readonly #deps: ProofDeps;
  readonly #signal: AbortSignal;
  readonly #stepMs: number;
  readonly #sockets: Socket[] = [];
  #proof: LinkProof;

  constructor(target: ProofTarget, deps: ProofDeps, signal: AbortSignal) {
    this.#target = target;
    this.#deps = deps;
    this.#signal = signal;
    this.#stepMs = deps.stepMs ?? STEP_MS;
    this.#proof = {
      at: deps.clock.now(),
      hostname: target.hostname,
      dns: "nowhere",
      addresses: [],
      silent: [],
      tcp: null,
      hello: null,
      said: "",
      rttMs: null,
      certificateExpiresAt: null,
      trouble: null,
    };
  }

  async run(): Promise<LinkProof> {
    try {
      await this.#name();
      if (this.#proof.trouble === null) await this.#greet(await this.#connect());
    } catch (thrown) {
      this.#signal.throwIfAborted();
      this.#learn({ trouble: asTrial(thrown).trouble });
    } finally {
      for (const socket of this.#sockets) socket.destroy();
    }
    return this.#proof;
  }

  #learn(news: Partial<LinkProof>): void {
    this.#proof = { ...this.#proof, ...news };
  }

  async #name(): Promise<void> {
    const { hostname, inside, owner, privateDns } = this.#target;
    const slow: DnsAnswer = { addresses: [], failure: "ETIMEOUT" };
    const answer = await withDeadline(
      this.#stepMs,
      this.#signal,
      () => new Error("late"),
      (signal) => this.#deps.resolve(hostname, signal),
    ).catch(() => slow);
    this.#signal.throwIfAborted();
    this.#learn({
      dns: dnsVerdict(answer.addresses, inside),
      addresses: answer.addresses,
      trouble: dnsTrouble(hostname, answer, inside, owner, privateDns),
    });
  }

  /** Every address is tried: with one zone's interface out of order, one client in two or three would fail. */
  async #connect(): Promise<Socket> {
    const { port } = this.#target;
    const dialled = await Promise.all(
      this.#proof.addresses.map((address) => dialOne(address, port, this.#stepMs, this.#deps.clock, this.#signal)),
    );
    this.#sockets.push(...dialled.flatMap(({ socket }) => socket ?? []));
    const open = dialled.filter(({ socket }) => socket !== null).sort((a, b) => a.rttMs - b.rttMs);
    const best = open[0]?.socket;
    this.#learn({ tcp: best !== undefined, silent: dialled.filter(({ socket }) => !socket).map(({ address }) => address) });
    if (!best) throw unreachable(dialled, port);
    this.#learn({ rttMs: open[0]?.rttMs ?? null });
    return best;
  }

  async #greet(socket: Socket): Promise<void> {
    this.#learn({ hello: false });
    const onTls = (certificateExpiresAt: number | null): void => this.#learn({ certificateExpiresAt });
    const greeting: Greeting = { ...this.#target, onTls };
    const said = await withDeadline(this.#stepMs, this.#signal, late(this.#stepMs), async (signal) => {
      signal.addEventListener("abort", () => socket.destroy(), { once: true });
      return greet(socket, greeting);
    });
    this.#learn({ hello: true, said });
  }
}

/**
 * Looks whether a link carries: its name, a TCP connection to each address, the protocol's own hello. Takes three times `stepMs`
 * at most and leaves no socket open. Rejects with the signal's reason only; everything else is the proof's `trouble`.
 */
export const prove = (target: ProofTarget, deps: ProofDeps, signal: AbortSignal): Promise<LinkProof> =>
  new Proof(target, deps, signal).run();
