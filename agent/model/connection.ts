import type { Secret } from "../lib/secret.ts";

/** One of the two tunnels of a connection, as Heroku describes it. */
export interface TunnelDetails {
  readonly index: 1 | 2;
  /** Heroku's VPN gateway, a public IPv4 address. */
  readonly ip: string;
  /** This gateway's public address as Heroku knows it; "" when Heroku does not say. */
  readonly customerIp: string;
  readonly psk: Secret;
  /** UP, DOWN or anything newer; "" when Heroku does not say. */
  readonly status: string;
  readonly statusMessage: string;
  /** ISO 8601; "" when Heroku does not say. */
  readonly lastStatusChange: string;
}

/**
 * One Private Space VPN connection.
 * Source: Platform API, GET /spaces/{space}/vpn-connections/{name}.
 */
export interface Connection {
  readonly space: string;
  readonly name: string;
  /** pending, provisioning, active, deprovisioning, failed or anything newer. */
  readonly status: string;
  readonly statusMessage: string;
  readonly ikeVersion: 1 | 2;
  readonly publicIp: string;
  readonly routableCidrs: readonly string[];
  readonly spaceCidr: string;
  /** In the order of their index; a connection that is still being made has fewer than two. */
  readonly tunnels: readonly TunnelDetails[];
}

/** Where Heroku expects this gateway, and the field that says so. */
export interface ExpectedAddress {
  readonly field: string;
  readonly address: string;
}

/** What the tunnels say counts more: Heroku's own example has another public_ip beside them. */
export const expectedAddresses = ({ publicIp, tunnels }: Connection): ExpectedAddress[] => {
  const theirs = tunnels.map(({ index, customerIp }) => ({ field: `tunnels[${index - 1}].customer_ip`, address: customerIp }));
  const said = theirs.filter(({ address }) => address !== "");
  return said.length > 0 ? said : [{ field: "public_ip", address: publicIp }].filter(({ address }) => address !== "");
};

/** Whether a problem's field is one of those. */
export const isExpectedAddress = (field: string): boolean => /(^|\.)(customer|public)_ip$/.test(field);

export interface ConnectionRef {
  readonly space: string;
  readonly name: string;
}

/** "acme-space/office": how logs, messages and maps name a connection. */
export const connectionKey = (ref: ConnectionRef): string => `${ref.space}/${ref.name}`;
