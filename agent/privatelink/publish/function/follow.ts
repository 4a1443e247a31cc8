import { hasHealthy, leaving, missing, stale, type Target } from "./core.ts";
import type { Group } from "./group.ts";
import { errorFields, type Log } from "./log.ts";
import type { Names } from "./names.ts";
import type { Reach } from "./reach.ts";

export interface FollowDeps {
  readonly names: Names;
  readonly group: Group;
  readonly reach: Reach;
  readonly port: number;
  readonly log: Log;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Between two looks; an RDS name's answers are good for 5 s. */
const LOOK_MS = 5000;
/** Two health checks and what the load balancer needs to hear of a new target. */
const SETTLE_MS = 40_000;
/** After an event of RDS the name may still lead to the old address for a while. */
const WATCH_MS = 60_000;

const addressesOf = (targets: readonly Target[]): string[] => targets.map(({ address }) => address);

/** Registers each alone where AWS refused them together: one that it does not take must not keep the others out. */
const registerAll = async (deps: FollowDeps, addresses: readonly string[]): Promise<unknown[]> => {
  try {
    await deps.group.register(addresses);
    deps.log("info", "registered", { addresses });
    return [];
  } catch (thrown) {
    deps.log("error", "not-registered", { addresses, ...errorFields(thrown) });
    if (addresses.length === 1) return [thrown];
  }
  const each: unknown[] = [];
  for (const address of addresses) each.push(...(await registerAll(deps, [address])));
  return each;
};

/** Waits until everything old may go, though not for ever. */
const settle = async ({ group, port, now, sleep }: FollowDeps, named: readonly string[]): Promise<void> => {
  const end = now() + SETTLE_MS;
  while (now() < end) {
    const targets = await group.targets();
    if (leaving(named, targets, port).length === stale(named, targets, port).length) return;
    await sleep(LOOK_MS);
  }
};

/** The function stands where the load balancer stands: what it reaches tells a closed database from a closed security group. */
const tellNothingHealthy = async (
  { reach, log }: FollowDeps,
  named: readonly string[],
  targets: readonly Target[],
): Promise<void> => {
  const reached = await Promise.all(named.map(async (address) => [address, await reach(address)] as const));
  const states = Object.fromEntries(targets.map(({ address, state }) => [address, state]));
  log("warn", "nothing-healthy", { states, reached: Object.fromEntries(reached) });
};

/**
 * Takes old members out. The name is asked once more first: another run, of the minute or of an event, may have seen a newer
 * answer, and what either answer names stays.
 */
const retire = async (deps: FollowDeps, before: readonly string[]): Promise<boolean> => {
  const { names, group, port, log } = deps;
  const again = await names();
  const targets = await group.targets();
  const named = [...new Set([...before, ...again])];
  const old = leaving(named, targets, port);
  const kept = stale(named, targets, port).filter((target) => !old.includes(target));
  if (kept.length > 0) log("warn", "kept", { addresses: addressesOf(kept), why: "no address that the name leads to is healthy" });
  if (old.length === 0) return false;
  await group.deregister(old);
  log("info", "deregistered", { addresses: addressesOf(old), named });
  return true;
};

/**
 * One pass: what the name leads to comes in, then what it no longer leads to goes out. Resolves with whether anything changed.
 * The group is read before the name: what another run has just registered for a newer answer is never taken for old.
 */
export const pass = async (deps: FollowDeps): Promise<boolean> => {
  const { names, group, port, log } = deps;
  const targets = await group.targets();
  const named = await names();
  const fresh = missing(named, targets, port);
  const failures = fresh.length === 0 ? [] : await registerAll(deps, fresh);
  const old = stale(named, targets, port);
  if (old.length > 0) await settle(deps, named);
  const retired = old.length > 0 && (await retire(deps, named));
  if (fresh.length === 0 && old.length === 0) {
    log("info", "in-step", { addresses: named });
    if (!hasHealthy(named, targets, port)) await tellNothingHealthy(deps, named, targets);
  }
  if (failures.length > 0) throw failures[0];
  return fresh.length > 0 || retired;
};

/**
 * What one invocation does: one pass, or after an event of RDS passes until something has changed. Rejects when a pass could not
 * do its work, so that Lambda counts an error; the target group keeps what it has.
 */
export const follow = async (deps: FollowDeps, { watch }: { readonly watch: boolean }): Promise<void> => {
  const end = deps.now() + (watch ? WATCH_MS : 0);
  for (;;) {
    const changed = await pass(deps).catch((thrown: unknown) => {
      deps.log("error", "pass-failed", errorFields(thrown));
      if (deps.now() >= end) throw thrown;
      return false;
    });
    if (changed || deps.now() >= end) return;
    await deps.sleep(LOOK_MS);
  }
};
