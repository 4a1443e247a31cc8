import type { DesiredTunnel } from "./desired.ts";
import type { ObservedConn } from "./observed.ts";

const sameTs = (found: readonly string[], wanted: string): boolean => {
  const [only, ...more] = found;
  return only !== undefined && more.length === 0 && only.replace(/\/32$/, "") === wanted.replace(/\/32$/, "");
};

/** What differs between a rendered conn and the one that charon holds; "" when nothing that charon tells differs. */
export const connDifference = (tunnel: DesiredTunnel, conn: ObservedConn | undefined): string => {
  if (!conn) return "charon does not hold it";
  const child = conn.children.get(tunnel.conn);
  if (!child) return "charon holds it without its CHILD_SA";
  if (!conn.localAddrs.includes(tunnel.local)) return `charon has the local address ${conn.localAddrs.join(", ")}`;
  if (!conn.remoteAddrs.includes(tunnel.remote)) return `charon has the remote address ${conn.remoteAddrs.join(", ")}`;
  if (conn.version !== tunnel.ikeVersion) return `charon has it as IKEv${conn.version ?? "1/2"}`;
  if (!sameTs(child.localTs, tunnel.localTs)) return `charon has the local traffic selector ${child.localTs.join(", ")}`;
  if (!sameTs(child.remoteTs, tunnel.remoteTs)) return `charon has the remote traffic selector ${child.remoteTs.join(", ")}`;
  return "";
};
