import { connectionKey } from "../model/connection.ts";
import { type DeclaredWarning, isUp, type TunnelStatus } from "../model/status.ts";
import { type ConnectionFacts, type HealthFacts, isUsable, type Trouble } from "./facts.ts";
import { LISTENER_WARNINGS } from "./listener-warnings.ts";

/** One place where a warning holds now. */
export interface Finding extends Trouble {
  readonly connection?: string;
  readonly tunnel?: 1 | 2;
}

/** One entry of the declared list. */
export interface WarningSpec extends DeclaredWarning {
  /** Codes that explain this one: while one of them holds for the same connection (or the host), this one is not shown. */
  readonly dependsOn: readonly string[];
  readonly find: (facts: HealthFacts) => readonly Finding[];
}

/** A few packets cross every renewal of keys. */
const FEW_PACKETS = 5;

const keyOf = ({ status }: ConnectionFacts): string => connectionKey(status);

const forHost = (holds: boolean, trouble: () => Trouble): Finding[] => (holds ? [trouble()] : []);

const forConnections = (facts: HealthFacts, find: (connection: ConnectionFacts) => readonly Trouble[]): Finding[] =>
  facts.connections.flatMap((connection) => find(connection).map((trouble) => ({ ...trouble, connection: keyOf(connection) })));

const forTunnels = (facts: HealthFacts, find: (tunnel: TunnelStatus, connection: ConnectionFacts) => Trouble | null): Finding[] =>
  facts.connections.flatMap((connection) =>
    connection.status.tunnels.flatMap((tunnel): Finding[] => {
      const trouble = find(tunnel, connection);
      return trouble ? [{ ...trouble, connection: keyOf(connection), tunnel: tunnel.index }] : [];
    }),
  );

/** With policy routing the tunnel that does not carry is down on purpose. */
const shouldBeUp = (tunnel: TunnelStatus, { status }: ConnectionFacts): boolean =>
  status.routing === "vti" || status.carrier === tunnel.index;

const isDown = ({ status }: ConnectionFacts): boolean => status.status === "down" && !status.tunnels.some(isUsable);

/** The declared list of warnings. It alone drives /healthz, the metrics, `spacegate status` and the log. */
export const WARNINGS: readonly WarningSpec[] = [
  {
    code: "charon-absent",
    title: "strongSwan is not running",
    severity: "critical",
    about: "host",
    advice: "Start strongswan-starter; where it runs, install strongswan-swanctl.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forHost(facts.ready && !facts.charon.running, () => ({
        text: `strongSwan's charon does not answer: ${facts.charon.why}`,
        fix: "systemctl start strongswan-starter; if it is running, install strongswan-swanctl, which brings the vici plugin.",
      })),
  },
  {
    code: "vici-absent",
    title: "charon answers without VICI",
    severity: "warning",
    about: "host",
    advice: "Install strongswan-swanctl and restart strongswan-starter.",
    dependsOn: ["charon-absent"],
    visibleAfterMs: 0,
    find: (facts) =>
      forHost(facts.charon.via === "statusall", () => ({
        text: "The tunnels are watched by reading `ipsec statusall`: slower, without events, and without proof of what charon loaded.",
        fix: "Install strongswan-swanctl, which brings the vici plugin, and restart strongswan-starter.",
      })),
  },
  {
    code: "charon-restart-needed",
    title: "strongSwan needs a restart",
    severity: "warning",
    about: "host",
    advice: "Restart strongswan-starter at a quiet moment: every tunnel is down for some seconds.",
    dependsOn: ["charon-absent"],
    visibleAfterMs: 0,
    find: (facts) =>
      forHost(facts.restartNeeded, () => ({
        text: "charon runs with older options than /etc/strongswan.d/spacegate.conf; it is not restarted while tunnels are up.",
        fix: "Choose a quiet moment: systemctl restart strongswan-starter",
      })),
  },
  {
    code: "settings-refused",
    title: "The settings file was refused",
    severity: "warning",
    about: "host",
    advice: "Correct the settings file; the message names line, key and a right example.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forHost(facts.settingsRefused !== null, () => ({
        text: `The changed settings are not in force: ${facts.settingsRefused}`,
        fix: "Correct the file; it is read again as soon as it is saved.",
      })),
  },
  {
    code: "pass-failed",
    title: "The last pass failed",
    severity: "warning",
    about: "host",
    advice: "The message names the step and its fix; the next pass tries again.",
    dependsOn: ["charon-absent"],
    visibleAfterMs: 0,
    find: (facts) => (facts.passError ? [facts.passError] : []),
  },
  {
    code: "files-held",
    title: "Files are left as they are",
    severity: "info",
    about: "host",
    advice: "See the connection's own warning: its details are not known.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forHost(facts.filesHeld, () => ({
        text: "strongSwan's files have tunnels of a connection whose details are not known now, so nothing in them is changed.",
        fix: "See the connection's own warning.",
      })),
  },
  {
    code: "ip-forward-off",
    title: "The kernel does not forward packets",
    severity: "warning",
    about: "host",
    advice: "Set net.ipv4.ip_forward to 1.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forHost(facts.ipForward === false, () => ({
        text: "net.ipv4.ip_forward is 0: only this host itself reaches the space, nothing behind it does.",
        fix: "sysctl -w net.ipv4.ip_forward=1, and the same line in /etc/sysctl.d/.",
      })),
  },
  {
    code: "policy-mismatch",
    title: "The kernel drops packets that came through a tunnel",
    severity: "warning",
    about: "host",
    advice:
      "Two tunnels with the same networks share one policy: use routing vti, or see that nothing else brings a second one up.",
    dependsOn: ["charon-absent"],
    visibleAfterMs: 0,
    find: (facts) =>
      forHost(facts.newMismatches >= FEW_PACKETS, () => ({
        text: `${facts.newMismatches} packets were decrypted and dropped since the last pass, because the policy for their networks belongs to another SA.`,
        fix: "Use routing: vti, or see with `ipsec status` which second tunnel with the same networks is up, and end it.",
      })),
  },
  ...LISTENER_WARNINGS,
  {
    code: "source-failed",
    title: "Heroku's details cannot be fetched",
    severity: "warning",
    about: "connection",
    advice: "The message names token, name, network or answer. The tunnels go on with the last good details.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) => forConnections(facts, ({ sourceError }) => (sourceError ? [sourceError] : [])),
  },
  {
    code: "connection-waiting",
    title: "The connection is not ready at Heroku",
    severity: "warning",
    about: "connection",
    advice: "Wait while Heroku provisions; when it never ends, check space and name.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forConnections(facts, ({ waiting }) =>
        waiting === null
          ? []
          : [{ text: waiting, fix: "Nothing to do while Heroku provisions; `heroku spaces:vpn:wait` tells when it is done." }],
      ),
  },
  {
    code: "connection-refused",
    title: "The connection's details were refused",
    severity: "critical",
    about: "connection",
    advice: "The message names the field. The details in force before stay in force.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) => forConnections(facts, ({ refused }) => refused),
  },
  {
    code: "connection-advice",
    title: "The connection's details look wrong",
    severity: "warning",
    about: "connection",
    advice: "The message names the field and what would be better.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) => forConnections(facts, ({ advice }) => advice),
  },
  {
    code: "probe-impossible",
    title: "The tunnels cannot be probed",
    severity: "warning",
    about: "connection",
    advice: "Give this host an address in local.subnets, or take `probe` out.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forConnections(facts, ({ probeImpossible }) =>
        probeImpossible
          ? [
              {
                text: "This host has no address in local.subnets, so its probes would not fit the tunnels' traffic selectors.",
                fix: "Give this host an address in local.subnets, or take `probe` out of the settings.",
              },
            ]
          : [],
      ),
  },
  {
    code: "connection-down",
    title: "No tunnel carries traffic",
    severity: "critical",
    about: "connection",
    advice: "See the tunnels' reasons; both are tried again and again.",
    dependsOn: ["charon-absent"],
    visibleAfterMs: 0,
    find: (facts) =>
      forConnections(facts, (connection) =>
        isDown(connection)
          ? [{ text: "Neither tunnel is up and passing: the space cannot be reached.", fix: "See the tunnels' own warnings." }]
          : [],
      ),
  },
  {
    code: "tunnel-down",
    title: "A tunnel is down",
    severity: "warning",
    about: "tunnel",
    advice: "The reason names the cause: firewall, PSK, proposals, networks, or Heroku itself.",
    dependsOn: ["charon-absent"],
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
];
