/**
 * The documentation's own sample values. The addresses live in network namespaces of the lab and nowhere else, and the
 * secrets open nothing.
 * Source: Heroku Dev Center, "Private Space VPN connection", and Heroku's Platform API reference.
 */
export const SAMPLE = {
  space: "acme-space",
  connection: "office",
  spaceCidr: "10.0.0.0/16",
  localSubnet: "172.16.0.0/16",
  gateway: "203.0.113.10",
  gatewayLan: "172.16.0.2",
  lan: "172.16.0.10",
  dyno: "10.0.0.10",
  token: "lab-token-4f6e2d0c-9b1a",
} as const;

/** What Heroku makes anew when a connection is destroyed and created again. */
export const NEW_PSKS: readonly [string, string] = ["new.psk.one.8hT2", "new.psk.two.9kL4"];

export interface SampleTunnel {
  readonly index: 1 | 2;
  /** The namespace of Heroku's end. */
  readonly namespace: "vgw1" | "vgw2";
  readonly address: string;
  readonly psk: string;
}

export const TUNNELS: readonly [SampleTunnel, SampleTunnel] = [
  { index: 1, namespace: "vgw1", address: "34.203.187.158", psk: "abcdef12345" },
  { index: 2, namespace: "vgw2", address: "34.227.70.143", psk: "123456abcdef" },
];
