/** Where strongSwan looks for its files. EPEL has them below /etc/strongswan. */
export interface StrongswanPaths {
  readonly conf: string;
  readonly secrets: string;
  readonly includeDirectory: string;
  readonly daemonFragment: string;
}

export const DEBIAN_PATHS: StrongswanPaths = {
  conf: "/etc/ipsec.conf",
  secrets: "/etc/ipsec.secrets",
  includeDirectory: "/etc/ipsec.d",
  daemonFragment: "/etc/strongswan.d/spacegate.conf",
};

/** Below --root: the agent's own commands ask the daemon here, whatever protects its port. */
export const LOCAL_SOCKET_PATH = "/run/spacegate/agent.sock";
