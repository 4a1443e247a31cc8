import type { Trouble } from "../model/trouble.ts";
import type { Finding, WarningSpec } from "./spec.ts";

/** A few packets cross every renewal of keys. */
const FEW_PACKETS = 5;

const forHost = (holds: boolean, trouble: () => Trouble): Finding[] => (holds ? [trouble()] : []);

/** About strongSwan, the kernel and the agent itself. */
export const HOST_WARNINGS: readonly WarningSpec[] = [
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
    advice: "Set net.ipv4.ip_forward to 1, or have the agent do it: sysctls.manage.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forHost(facts.ipForward === false, () => ({
        text: "net.ipv4.ip_forward is 0: only this host itself reaches the space, nothing behind it does.",
        fix: "sysctl -w net.ipv4.ip_forward=1, and the same line in /etc/sysctl.d/. With sysctls.manage: true the agent does it where the kernel lets it.",
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
];
