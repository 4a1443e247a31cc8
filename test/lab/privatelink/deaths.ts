import { systemClock } from "../../../agent/lib/clock.ts";
import { check, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import type { Room } from "./room.ts";
import { KVS } from "./sample.ts";

/** What the change has made newest; undefined for one that makes nothing. */
const newestOf = ({ cloud }: Room, change: string): { readonly madeAt: number } | undefined => {
  const { groups, endpoints } = cloud.aws.world;
  const made = { CreateSecurityGroup: groups, CreateVpcEndpoint: endpoints }[change];
  return made?.at(-1);
};

const NOT_YET_MS = 600_000;

/** kill -9 when a change has been made and its answer is not out yet. AWS does not show for long what it has made. */
export const killAfter = (lab: Lab, room: Room, change: string): Promise<void> =>
  new Promise((resolve) => {
    room.cloud.afterCall = (action) => {
      if (action !== change) return;
      room.cloud.afterCall = () => undefined;
      const made = newestOf(room, change);
      if (made) Object.assign(made, { madeAt: made.madeAt + NOT_YET_MS });
      resolve(lab.agent.kill());
    };
  });

/** The agent that was started again cannot know, and asks for the same again. Only then AWS shows what is there. */
export const untilAskedAgain = async (room: Room, change: string): Promise<void> => {
  const made = newestOf(room, change);
  if (!made) return;
  await waitUntil(`a second ${change}`, 20, () => {
    const times = room.cloud.calls.filter((call) => call === `ec2:${change}`).length;
    return times >= 2 ? { done: true, value: undefined } : { done: false, seen: String(times) };
  });
  Object.assign(made, { madeAt: made.madeAt - NOT_YET_MS });
};

export const killAfterHeroku = async (lab: Lab): Promise<void> => {
  const look = () =>
    lab.heroku.state().links?.[KVS.name] ? ({ done: true, value: undefined } as const) : ({ done: false, seen: "none" } as const);
  await waitUntil("the agent to ask Heroku for the link", 20, look, 5);
  await lab.agent.kill();
};

export const within = (seconds: number, what: string, work: Promise<void>): Promise<void> =>
  Promise.race([
    work,
    systemClock.sleep(seconds * 1000).then(() => check(false, `waited ${seconds} s for the agent to make ${what}`)),
  ]);
