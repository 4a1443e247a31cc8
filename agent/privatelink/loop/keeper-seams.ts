import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Endpoint, LinkProof, LinkStatus, LinkWanted } from "../../model/privatelink.ts";
import type { LinkProblem } from "../../model/privatelink-plan.ts";
import type { ProofTarget } from "../observe/prove.ts";

/** One declared link, and how often it is looked at while it is well. */
export interface LinkEntry {
  readonly wanted: LinkWanted;
  /** Milliseconds. */
  readonly checkMs: number;
}

/** What one pass has found and done. */
export interface LinkPass {
  /** "" for a service by its name, and while Heroku has no such link. */
  readonly herokuStatus: string;
  readonly serviceName: string;
  readonly endpoint: Endpoint | undefined;
  readonly problems: readonly LinkProblem[];
  /** In words; "" when nothing is waited for. */
  readonly waitingFor: string;
  /** What was changed, in words; more may follow once both sides show it. */
  readonly changes: readonly string[];
  /** What proves that the link carries; undefined while there is nothing to prove. */
  readonly target: ProofTarget | undefined;
}

/** What a keeper keeps a link with. */
export interface LinkWorks {
  /** Reads both sides and brings the link a step nearer to what is wanted. Only reads when all is as wanted. Throws SpacegateErrors. */
  pass(wanted: LinkWanted, signal: AbortSignal): Promise<LinkPass>;
  prove(target: ProofTarget, signal: AbortSignal): Promise<LinkProof>;
  /** The far end's certificate or password may be another one now: what is kept of it is looked up anew. */
  forget(wanted: LinkWanted): void;
}

export interface KeeperDeps {
  readonly works: LinkWorks;
  readonly clock: Clock;
  readonly log: Log;
  /** 0..1 */
  readonly random: () => number;
  /** Called whenever a link's status may have changed, with all of them in the order of the settings. */
  readonly onStatus: (links: readonly LinkStatus[]) => void;
}
