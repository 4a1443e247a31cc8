import type { Confirmation } from "../lib/confirm.ts";
import { formatDuration } from "../lib/duration.ts";
import { type Story, Teller } from "../lib/flow.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import { assertFit, create } from "./connect.ts";
import { findOrRefuse, remove } from "./destroy.ts";
import { confirmConnection, type FlowDeps } from "./flow.ts";
import { type AskAgent, type Followed, follow } from "./follow.ts";
import type { VpnConnection, Wanted } from "./heroku-vpn.ts";
import type { Rotation, Rotations } from "./record.ts";
import { untilActive, untilGone } from "./wait.ts";

export interface RotateDeps extends FlowDeps {
  readonly agent: AskAgent;
  readonly rotations: Rotations;
}

export interface Rotated {
  readonly connection: VpnConnection;
  readonly followed: Followed;
}

const WARNING = (key: string): string =>
  [
    `Heroku makes new PSKs only by destroying ${key} and creating it again, and allows one VPN connection a space.`,
    "So both tunnels go down, and no traffic passes until the new connection is there: minutes, often about 20.",
    "The public address and the routable CIDRs are kept; PSKs and VPN gateway addresses become others.",
  ].join("\n");

const kept = ({ publicIp, routableCidrs }: Wanted): string => `${publicIp}, ${routableCidrs.join(",")}`;

const stories = (rotation: Rotation, deps: RotateDeps) => {
  const key = connectionKey(rotation);
  const next = `Go on with: ${deps.command("rotate", rotation)}`;
  const told = (state: string, or = ""): Story => ({ state, next: `${next}${or}` });
  const withOthers = `\nor, with other values, with: ${deps.command("connect", rotation, rotation)}`;
  return {
    beginning: told(`Heroku has not confirmed yet that it removes ${key}; what it is made of is kept (${kept(rotation)}).`),
    removing: told(`Heroku removes ${key}, so NO TRAFFIC PASSES; what it is made of is kept (${kept(rotation)}).`),
    gone: told(
      `${key} is destroyed and not created again yet: NO TRAFFIC PASSES. What it was made of is kept (${kept(rotation)}).`,
      withOthers,
    ),
    making: {
      ...told(`Heroku makes ${key} anew, and goes on doing so; no traffic passes until it is active.`),
      failed: told(`NO TRAFFIC PASSES. What ${key} was made of is kept (${kept(rotation)}), and is tried again.`),
    },
    following: told(`${key} is made anew and active at Heroku; the agent takes the new tunnels into use by itself.`),
  };
};

/** Everything that must be right before anything is destroyed: afterwards it is too late. */
const start = async (ref: ConnectionRef, confirmation: Confirmation, deps: RotateDeps): Promise<Rotation> => {
  const found = await findOrRefuse(ref, deps);
  const { publicIp, routableCidrs } = found;
  await assertFit(ref, { publicIp, routableCidrs }, deps, routableCidrs);
  deps.progress.say(WARNING(connectionKey(ref)));
  await confirmConnection(ref.name, confirmation);
  const { space, name } = ref;
  const rotation = {
    space,
    name,
    publicIp,
    routableCidrs,
    oldId: found.id,
    stage: "destroy",
    startedAt: deps.clock.now(),
  } as const;
  await deps.rotations.write(rotation);
  return rotation;
};

/** The rotation that an earlier call began, as far as it got; its confirmation counts only for what is done already. */
const resume = async (before: Rotation, confirmation: Confirmation, deps: RotateDeps): Promise<Rotation> => {
  const age = formatDuration(deps.clock.now() - before.startedAt);
  deps.progress.say(`Going on with the rotation of ${connectionKey(before)} that began ${age} ago (${kept(before)}).`);
  if (before.stage === "create") return before;
  const there = await deps.heroku.find(before, deps.signal);
  if (there?.id !== before.oldId) return { ...before, stage: "create" };
  if (there.status.toLowerCase() !== "deprovisioning") {
    deps.progress.say(WARNING(connectionKey(before)));
    await confirmConnection(before.name, confirmation);
  }
  return before;
};

const takeDown = async (rotation: Rotation, teller: Teller, deps: RotateDeps): Promise<Rotation> => {
  if (rotation.stage === "create") return rotation;
  const { beginning, removing } = stories(rotation, deps);
  teller.at(beginning);
  await remove(rotation, deps, () => teller.at(removing));
  const next = { ...rotation, stage: "create" } as const;
  await deps.rotations.write(next);
  return next;
};

/** Long after an interrupted rotation somebody may mean another one. */
const ALREADY = (rotation: Rotation, deps: RotateDeps): string =>
  `${connectionKey(rotation)} was made anew already, and this is seen through. For newer PSKs run it once more then: ${deps.command("rotate", rotation)}`;

/** Whether there is one to wait for. What Heroku failed to make, or is removing, is seen out first. */
const isBeingMade = async (rotation: Rotation, deps: RotateDeps): Promise<boolean> => {
  const status = (await deps.heroku.find(rotation, deps.signal))?.status.toLowerCase();
  if (status === "failed") {
    deps.progress.say(`Heroku could not make ${connectionKey(rotation)}; it is removed and made again.`);
    await remove(rotation, deps, () => undefined);
  } else if (status === "deprovisioning") {
    await untilGone(rotation, deps);
  } else {
    if (status === "active") deps.progress.say(ALREADY(rotation, deps));
    return status !== undefined;
  }
  return false;
};

/** Once the old one is gone, whatever is there is the new one. */
const makeAnew = async (rotation: Rotation, teller: Teller, deps: RotateDeps): Promise<VpnConnection> => {
  const { gone, making } = stories(rotation, deps);
  teller.at(gone);
  if (!(await isBeingMade(rotation, deps))) {
    await create(rotation, rotation, deps);
    deps.progress.say(`Heroku makes ${connectionKey(rotation)} anew.`);
  }
  teller.at(making);
  return untilActive(rotation, deps);
};

/**
 * `spacegate vpn rotate`: destroys the connection and creates it again, with the same name, address and CIDRs, and waits until
 * the agent passes packets by the new tunnels. What it needs to go on is on disk before anything is destroyed.
 */
export const rotate = (ref: ConnectionRef, confirmation: Confirmation, deps: RotateDeps): Promise<Rotated> => {
  const teller = new Teller();
  return teller.run(deps.signal, async () => {
    const before = await deps.rotations.read(ref.space);
    const begun = before?.name === ref.name ? await resume(before, confirmation, deps) : await start(ref, confirmation, deps);
    const rotation = await takeDown(begun, teller, deps);
    const since = deps.clock.now();
    const connection = await makeAnew(rotation, teller, deps);
    teller.at(stories(rotation, deps).following);
    deps.progress.say(`${connectionKey(ref)} is active. Waiting until the agent passes packets by the new tunnels.`);
    const followed = await follow(ref, connection, since, deps);
    await deps.rotations.remove(ref.space);
    return { connection, followed };
  });
};
