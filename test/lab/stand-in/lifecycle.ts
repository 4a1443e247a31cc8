import type { Provisioning, StandInState, WireObject } from "./state.ts";

const DEFAULTS: Provisioning = { invisibleMs: 500, pendingMs: 1000, provisioningMs: 2000, deprovisioningMs: 2000 };

const makingStage = (age: number, times: Provisioning): WireObject | undefined => {
  if (age < times.invisibleMs) return undefined;
  if (age < times.invisibleMs + times.pendingMs) return { status: "pending", tunnels: null };
  const left = times.invisibleMs + times.pendingMs + times.provisioningMs - age;
  if (left <= 0) return {};
  // The tunnels are complete before the connection is active.
  const tunnels = left > times.provisioningMs / 2 ? { tunnels: [] } : {};
  return { status: "provisioning", status_message: "Creating the VPN gateways", ...tunnels };
};

/** The connection as Heroku would show it at `now`; undefined while it is not there yet, or not any more. */
export const connectionAt = (state: StandInState, key: string, now: number): WireObject | undefined => {
  const connection = state.connections[key];
  if (!connection) return undefined;
  const times = { ...DEFAULTS, ...state.provisioning };
  const removed = state.removed?.[key];
  if (removed !== undefined) {
    return now - removed < times.deprovisioningMs ? { ...connection, status: "deprovisioning" } : undefined;
  }
  const made = state.made?.[key];
  const stage = made === undefined ? {} : makingStage(now - made, times);
  const end = made !== undefined && stage?.status === undefined ? state.outcome : {};
  return stage && { ...connection, ...stage, ...end };
};

/** Removed, and long enough ago. */
export const isGone = (state: StandInState, key: string, now: number): boolean =>
  state.removed?.[key] !== undefined && connectionAt(state, key, now) === undefined;

/** What Heroku makes of a POST's body: addresses of the documentation's ranges, PSKs that differ from all made before. */
export const newConnection = (body: WireObject, serial: number, like: readonly WireObject[] = []): WireObject => ({
  id: `0000000${serial}`.slice(-8),
  ike_version: 1,
  name: body.name,
  public_ip: body.public_ip,
  routable_cidrs: body.routable_cidrs,
  space_cidr_block: "10.0.0.0/16",
  status: "active",
  status_message: "",
  tunnels: [1, 2].map((index) => ({
    customer_ip: body.public_ip,
    ip: `${index === 1 ? "34.203.187" : "34.227.70"}.${100 + (serial % 100)}`,
    last_status_change: "2016-10-25T22:09:05Z",
    pre_shared_key: `standin.psk.${serial}.tunnel.${index}`,
    status: "DOWN",
    status_message: "IPSEC IS DOWN",
    ...like[index - 1],
  })),
});
