import { cidrsOverlap, isPrivateBlock, parseCidr } from "../../../agent/lib/ip.ts";
import { connectionAt, isGone, newConnection } from "./lifecycle.ts";
import type { StandInState, StateStore, WireObject } from "./state.ts";

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly body: WireObject | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

interface Context {
  readonly state: StandInState;
  readonly store: StateStore;
  readonly now: number;
  readonly body: WireObject | undefined;
}

export const failure = (status: number, id: string, message: string): Reply => ({ status, body: { id, message } });

const NOT_FOUND = failure(404, "not_found", "Couldn't find that VPN connection.");
const NO_SPACE = failure(404, "not_found", "Couldn't find that space.");

const spacesOf = (state: StandInState): Set<string> =>
  new Set([...Object.keys(state.spaces ?? {}), ...Object.keys(state.connections).map((key) => key.split("/")[0] ?? "")]);

const visibleIn = (space: string, { state, now }: Context): [string, WireObject][] =>
  Object.keys(state.connections).flatMap((key) => {
    const shown = key.startsWith(`${space}/`) ? connectionAt(state, key, now) : undefined;
    return shown ? [[key, shown]] : [];
  });

const find = (space: string, nameOrId: string, context: Context): [string, WireObject] | undefined =>
  visibleIn(space, context).find(([key, shown]) => key === `${space}/${nameOrId}` || shown.id === nameOrId);

const isStringList = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === "string");

/** The first block that Heroku would not route. */
const unfitBlock = (cidrs: readonly string[], { unavailable_cidr_blocks }: WireObject): string | undefined =>
  cidrs.find((text) => {
    const block = parseCidr(text);
    if (!block || !isPrivateBlock(block)) return true;
    return (unavailable_cidr_blocks as string[]).some((taken) => cidrsOverlap(parseCidr(taken) ?? block, block));
  });

const create = async (space: string, { state, store, now, body = {} }: Context): Promise<Reply> => {
  if (typeof body.name !== "string" || typeof body.public_ip !== "string" || !isStringList(body.routable_cidrs)) {
    return failure(422, "invalid_params", "name, public_ip and routable_cidrs are required.");
  }
  const key = `${space}/${body.name}`;
  // One that was made but cannot be seen yet is there all the same.
  const others = Object.keys(state.connections).filter((other) => other.startsWith(`${space}/`) && !isGone(state, other, now));
  if (others.length > 0) return failure(409, "conflict", "This space already has a VPN connection.");
  const unfit = unfitBlock(body.routable_cidrs as string[], peeringInfo(space, { state, store, now, body }));
  if (unfit !== undefined) return failure(422, "invalid_params", `routable_cidrs: ${unfit} cannot be used.`);
  const { [key]: _gone, ...removed } = state.removed ?? {};
  const made = { ...state.made, [key]: now };
  // The clock makes a serial that also differs after a restart.
  const connection = newConnection(body, Math.floor(now / 10) % 10_000_000, state.newTunnels);
  await store.write({ ...state, made, removed, connections: { ...state.connections, [key]: connection } });
  return { status: 201, body: { ...connection, status: "pending", tunnels: null } };
};

const update = async ([key, shown]: [string, WireObject], { state, store, body = {} }: Context): Promise<Reply> => {
  const { routable_cidrs, ...others } = body;
  if (!isStringList(routable_cidrs) || Object.keys(others).length > 0) {
    return failure(422, "invalid_params", "Only routable_cidrs can be changed.");
  }
  const connection = { ...state.connections[key], routable_cidrs };
  await store.write({ ...state, connections: { ...state.connections, [key]: connection } });
  return { status: 201, body: { ...shown, routable_cidrs } };
};

const remove = async ([key, shown]: [string, WireObject], { state, store, now }: Context): Promise<Reply> => {
  await store.write({ ...state, removed: { ...state.removed, [key]: state.removed?.[key] ?? now } });
  return { status: 202, body: { ...shown, status: "deprovisioning" } };
};

const spaceView = (space: string, context: Context): WireObject => ({
  id: `space-${space}`,
  name: space,
  cidr: visibleIn(space, context)[0]?.[1].space_cidr_block ?? "10.0.0.0/16",
  data_cidr: "10.1.0.0/16",
  state: "allocated",
  shield: false,
  region: { id: "region-virginia", name: "virginia" },
  ...context.state.spaces?.[space],
});

const peeringInfo = (space: string, context: Context): WireObject => {
  const { cidr } = spaceView(space, context);
  return {
    aws_account_id: "123456789012",
    aws_region: "us-east-1",
    vpc_id: "vpc-0123456789abcdef0",
    vpc_cidr: cidr,
    dyno_cidr_blocks: [cidr],
    space_cidr_blocks: [cidr],
    unavailable_cidr_blocks: context.state.spaces?.[space]?.unavailable_cidr_blocks ?? [cidr, "10.1.0.0/16", "172.17.0.0/16"],
  };
};

const answerAboutOne = async (method: string, space: string, nameOrId: string, context: Context): Promise<Reply | undefined> => {
  const found = find(space, nameOrId, context);
  if (!found) return NOT_FOUND;
  if (method === "GET") return { status: 200, body: found[1] };
  if (method === "PATCH") return update(found, context);
  return method === "DELETE" ? remove(found, context) : undefined;
};

const answerAboutSpace = async (method: string, space: string, what: string, context: Context): Promise<Reply | undefined> => {
  if (method === "POST") return what === "/vpn-connections" ? create(space, context) : undefined;
  if (method !== "GET") return undefined;
  const views: Record<string, () => unknown> = {
    "": () => spaceView(space, context),
    "/nat": () => ({ state: "enabled", sources: ["203.0.113.21", "203.0.113.22"] }),
    "/peering-info": () => peeringInfo(space, context),
    "/vpn-connections": () => visibleIn(space, context).map(([, shown]) => shown),
  };
  const view = views[what];
  return view && { status: 200, body: view() };
};

/** Heroku's answer to a question that has passed the doorkeeper. */
export const answer = async ({ method, path, body }: Question, store: StateStore, now: number): Promise<Reply> => {
  const context = { state: await store.read(), store, now, body };
  if (path === "/spaces" && method === "GET") {
    return { status: 200, body: [...spacesOf(context.state)].map((space) => spaceView(space, context)) };
  }
  const [, space = "", what = ""] = /^\/spaces\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (!space) return failure(404, "not_found", "The requested API endpoint was not found.");
  const name = decodeURIComponent(space);
  if (!spacesOf(context.state).has(name)) return NO_SPACE;
  const one = /^\/vpn-connections\/([^/]+)$/.exec(what)?.[1];
  const reply = one
    ? await answerAboutOne(method, name, decodeURIComponent(one), context)
    : await answerAboutSpace(method, name, what, context);
  return reply ?? failure(404, "not_found", "The requested API endpoint was not found.");
};
