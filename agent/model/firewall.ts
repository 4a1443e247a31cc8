/** Family and name of the agent's own nftables table: what is in it is the agent's, every other table is not. */
export const FIREWALL_TABLE = "inet spacegate";

/** What the table counts: the names in it, in the order in which they are shown, and what they stand for. */
export const FIREWALL_COUNTERS = {
  ike_in: "IKE and ESP let in from a VPN gateway",
  ike_refused: "IKE and ESP from anybody else, dropped",
  forward_out: "from a local subnet to its space, through a tunnel",
  forward_in: "from a space to its local subnet, through a tunnel",
  forward_clear: "between a local subnet and its space outside every tunnel, dropped",
  forward_refused: "between any other networks, dropped",
  mss_clamped: "TCP connections whose MSS was too large for the tunnel, made smaller",
} as const;

export type FirewallCounter = keyof typeof FIREWALL_COUNTERS;

export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

/** By name; an owner's template may leave some out. */
export type FirewallCounts = Readonly<Partial<Record<FirewallCounter, Count>>>;

/** Two networks that exchange packets through a tunnel, as CIDR texts. `mss`: bytes of payload that a TCP segment may have in it. */
export interface ForwardedPair {
  readonly local: string;
  readonly space: string;
  readonly mss: number;
}

/** The firewall as it should be. Lists are sorted and without repetition, so that equal inputs compare equal. */
export interface DesiredFirewall {
  /** IPv4 addresses and blocks that IKE and ESP are let in from. */
  readonly peers: readonly string[];
  /** charon has conns of the owner's whose peers cannot be listed: nobody is shut out then. */
  readonly open: boolean;
  readonly pairs: readonly ForwardedPair[];
  /** The VTI links of the agent's. */
  readonly links: readonly string[];
  /** Some tunnels are policy-based: their packets take no link of the agent's. */
  readonly policy: boolean;
  /** Whether nothing but the pairs is forwarded. */
  readonly restrict: boolean;
  /** Keys of connections whose ESP has been seen in UDP since the host started. */
  readonly encapsulated: readonly string[];
}

/** What the agent remembers of the table that it has loaded; it dies with a reboot, as the table does. */
export interface FirewallMemory extends Pick<DesiredFirewall, "peers" | "open" | "encapsulated"> {
  /** The ruleset as it was rendered. */
  readonly text: string;
  /** As the kernel showed it right after, without counts. */
  readonly listing: string;
}

/** The agent's table in the kernel. */
export type ObservedFirewall =
  /** `counts`: what this agent saw in the one that was there before. */
  | { readonly kind: "absent"; readonly counts: FirewallCounts }
  /** `listing` without counts. */
  | { readonly kind: "present"; readonly listing: string; readonly counts: FirewallCounts }
  /** It was not looked for: below a directory, or because the firewall is the owner's and no table of the agent's was ever made. */
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly text: string; readonly fix: string };

/** The firewall as others see it. */
export interface FirewallStatus {
  /** false: it is the owner's. */
  readonly managed: boolean;
  /** The agent's table is in the kernel as it should be. */
  readonly active: boolean;
  /** IKE and ESP are let in from anybody, because the owner's own conns have peers that cannot be listed. */
  readonly open: boolean;
  /** Since the table was first made; they go on when it is changed. */
  readonly counts: FirewallCounts;
}
