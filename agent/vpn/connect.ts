import { SpacegateError } from "../lib/errors.ts";
import { type Look, orInterrupted, type Story, Teller } from "../lib/flow.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import { type FlowDeps, refuse, waitFor } from "./flow.ts";
import type { VpnConnection, Wanted } from "./heroku-vpn.ts";
import { preflight, type Unfit } from "./preflight.ts";
import { untilActive, untilGone } from "./wait.ts";

const unfitError = (unfit: readonly Unfit[]): SpacegateError =>
  refuse(
    [
      "Nothing was changed at Heroku, for this would not work:",
      ...unfit.map(({ option, text, right }) => `  ${option} ${text}; ${right}`),
    ].join("\n"),
    "Correct that and run the command again.",
  );

/** Throws VPN_REFUSED with everything that would not work. */
export const assertFit = async (ref: ConnectionRef, wanted: Wanted, deps: FlowDeps, inUse?: readonly string[]): Promise<void> => {
  const unfit = preflight(wanted, await deps.heroku.limits(ref.space, deps.signal), inUse);
  if (unfit.length > 0) throw unfitError(unfit);
};

const isSame = (connection: VpnConnection, ref: ConnectionRef, wanted: Wanted): boolean =>
  connection.name === ref.name &&
  connection.publicIp === wanted.publicIp &&
  [...connection.routableCidrs].sort().join() === [...wanted.routableCidrs].sort().join();

const occupied = (ref: ConnectionRef, { name, publicIp, routableCidrs }: VpnConnection, deps: FlowDeps): SpacegateError =>
  refuse(
    `${ref.space} already has the VPN connection ${name} (${publicIp}, ${routableCidrs.join(",")}), and Heroku allows one a space. Nothing was created.`,
    `Use that one, or remove it first: ${deps.command("destroy", { space: ref.space, name })}`,
  );

/** The connection that is there already when it is just like the wanted one; waits for one that is being removed. */
const existing = async (ref: ConnectionRef, wanted: Wanted, deps: FlowDeps): Promise<VpnConnection | undefined> => {
  const [there] = await deps.heroku.list(ref.space, deps.signal);
  if (!there) return undefined;
  if (there.status.toLowerCase() === "deprovisioning") {
    deps.progress.say(`${ref.space}/${there.name} is being removed; a new one can be made when it is gone.`);
    await untilGone({ space: ref.space, name: there.name }, deps);
    return undefined;
  }
  if (isSame(there, ref, wanted)) return there;
  throw occupied(ref, there, deps);
};

const isConflict = (thrown: unknown): thrown is SpacegateError =>
  thrown instanceof SpacegateError && thrown.details.status === 409;

/** One try to create. Whether a request without an answer was heard is not known: then a conflict means that it was. */
const tryToCreate = async (ref: ConnectionRef, wanted: Wanted, deps: FlowDeps): Promise<Look<true>> => {
  try {
    await deps.heroku.create(ref, wanted);
    return { done: true };
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
    const [there] = await deps.heroku.list(ref.space, deps.signal);
    if (there && isSame(there, ref, wanted)) return { done: true };
    if (there && there.status.toLowerCase() !== "deprovisioning") throw occupied(ref, there, deps);
    return {
      seen: `${thrown.message}: most often with a connection that cannot be seen yet, or is still being removed`,
    };
  }
};

/** Has Heroku make the connection; asks again while Heroku is away, limits, or still removes the one before. */
export const create = (ref: ConnectionRef, wanted: Wanted, deps: FlowDeps): Promise<true> =>
  waitFor(
    { what: `Heroku to take ${connectionKey(ref)}`, pollMs: deps.pollMs },
    async () => tryToCreate(ref, wanted, deps),
    deps,
  );

const creating = (ref: ConnectionRef, wanted: Wanted, deps: FlowDeps): Story => ({
  state: `Heroku has been asked for ${connectionKey(ref)} and goes on making it.`,
  next: `Go on with: ${deps.command("wait", ref)}`,
  failed: {
    state: "What is left of it must be removed before it can be made again.",
    next: `Remove it: ${deps.command("destroy", ref)}\nand make it again: ${deps.command("connect", ref, wanted)}`,
  },
});

const asking = (ref: ConnectionRef, wanted: Wanted, deps: FlowDeps): Story => ({
  state: `Heroku has not confirmed that it makes ${connectionKey(ref)}.`,
  next: `The same command goes on from there: ${deps.command("connect", ref, wanted)}`,
});

/** Has Heroku make a connection, with every value checked before, and tells when Heroku has taken it. */
export const begin = async (ref: ConnectionRef, wanted: Wanted, deps: FlowDeps, teller: Teller): Promise<void> => {
  const there = await existing(ref, wanted, deps);
  if (there) {
    deps.progress.say(`${connectionKey(ref)} exists already, just so (${there.status}): nothing is created.`);
  } else {
    await assertFit(ref, wanted, deps);
    teller.at(asking(ref, wanted, deps));
    await create(ref, wanted, deps);
    deps.progress.say(`Heroku makes ${connectionKey(ref)}. This takes minutes, often about 20.`);
  }
  teller.at(creating(ref, wanted, deps));
};

/** `spacegate vpn connect`: resolves with the connection once it is active with both tunnels. */
export const connect = (ref: ConnectionRef, wanted: Wanted, deps: FlowDeps): Promise<VpnConnection> => {
  const teller = new Teller();
  return teller.run(deps.signal, async () => {
    await begin(ref, wanted, deps, teller);
    return untilActive(ref, deps);
  });
};

/** `spacegate vpn wait`. */
export const wait = (ref: ConnectionRef, deps: FlowDeps): Promise<VpnConnection> => {
  const story = {
    state: `Waiting changes nothing: Heroku goes on with ${connectionKey(ref)}.`,
    next: `Go on with: ${deps.command("wait", ref)}`,
  };
  return orInterrupted(deps.signal, story, () => untilActive(ref, deps));
};
