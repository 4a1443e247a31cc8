import { connectionKey } from "../model/connection.ts";
import { isUp, type TunnelStatus } from "../model/status.ts";
import type { Trouble } from "../model/trouble.ts";
import type { ConnectionFacts, HealthFacts } from "./facts.ts";
import type { Finding, WarningSpec } from "./spec.ts";

const forTunnels = (facts: HealthFacts, find: (tunnel: TunnelStatus, connection: ConnectionFacts) => Trouble | null): Finding[] =>
  facts.connections.flatMap((connection) =>
    connection.status.tunnels.flatMap((tunnel): Finding[] => {
      const trouble = find(tunnel, connection);
      return trouble ? [{ ...trouble, connection: connectionKey(connection.status), tunnel: tunnel.index }] : [];
    }),
  );

/** With policy routing the tunnel that does not carry is down on purpose. */
const shouldBeUp = (tunnel: TunnelStatus, { status }: ConnectionFacts): boolean =>
  status.routing === "vti" || status.carrier === tunnel.index;

/** Losses in an hour: maintenance at Heroku brings one or two. */
const OFTEN = 4;

/** About one tunnel. */
export const TUNNEL_WARNINGS: readonly WarningSpec[] = [
  {
    code: "tunnel-down",
    title: "A tunnel is down",
    severity: "warning",
    about: "tunnel",
    advice: "The reason names the cause: firewall, PSK, proposals, networks, or Heroku itself.",
    dependsOn: ["charon-absent", "drained"],
    visibleAfterMs: 5000,
    find: (facts) =>
      forTunnels(facts, (tunnel, connection) =>
        facts.ready && shouldBeUp(tunnel, connection) && !isUp(tunnel)
          ? {
              text: `Tunnel ${tunnel.index} to ${tunnel.address} has no CHILD_SA. ${tunnel.reason?.text ?? ""}`.trimEnd(),
              fix:
                tunnel.reason?.fix ??
                "The agent keeps trying. UDP 500 and 4500 must be open to that address, and the PSK must be Heroku's.",
            }
          : null,
      ),
  },
  {
    code: "tunnel-not-passing",
    title: "A tunnel is up but passes nothing",
    severity: "warning",
    about: "tunnel",
    advice: "See that probe.target answers; then look for what drops ESP between the gateways.",
    dependsOn: ["charon-absent", "tunnel-down"],
    visibleAfterMs: 2000,
    find: (facts) =>
      forTunnels(facts, (tunnel) =>
        isUp(tunnel) && tunnel.passing === false
          ? {
              text: `Tunnel ${tunnel.index} to ${tunnel.address} is installed, but nothing comes back through it.`,
              fix: "Make sure that probe.target answers from the space; if it does, the way between the gateways drops ESP (UDP 4500 or protocol 50).",
            }
          : null,
      ),
  },
  {
    code: "tunnel-flapping",
    title: "A tunnel is lost again and again",
    severity: "warning",
    about: "tunnel",
    advice:
      "The timeline on the status page tells when it went and why. A line that loses packets and a NAT that forgets are usual causes; with routing policy each move of traffic ends the tunnel that is left.",
    // Neither what it is at the moment nor charon's absence hides it, or an alert that waits would begin anew each time.
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forTunnels(facts, (tunnel) =>
        tunnel.recentLosses >= OFTEN
          ? {
              text: `Tunnel ${tunnel.index} to ${tunnel.address} was lost ${tunnel.recentLosses} times during the last hour.`,
              fix: "See in the status page's timeline, or with `journalctl -u spacegate`, when it went and why; if it never is down for long, look for a line that loses packets or a NAT that forgets.",
            }
          : null,
      ),
  },
];
