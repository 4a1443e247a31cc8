import type { WarningSpec } from "./spec.ts";

/** A few stray packets meet every host. */
const FEW_PACKETS = 5;

const OTHERS = "firewall.forward: any";

/** About the gateway's own firewall; the tunnels come up with or without it. */
export const FIREWALL_WARNINGS: readonly WarningSpec[] = [
  {
    code: "firewall-failed",
    title: "The gateway's own firewall is not as it should be",
    severity: "warning",
    about: "host",
    advice: "Install nftables and boot a kernel that has nf_tables, or leave the firewall to yourself: firewall.manage: false.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: ({ firewallTrouble }) =>
      firewallTrouble
        ? [
            {
              text: `The table inet spacegate could not be looked at or loaded, and stays as it is; the tunnels come up all the same. ${firewallTrouble.text}`,
              fix: `${firewallTrouble.fix} Or leave the firewall to yourself: firewall.manage: false.`,
            },
          ]
        : [],
  },
  {
    code: "forward-refused",
    title: "Packets that belong to no connection are not forwarded",
    severity: "info",
    about: "host",
    advice: `If this host shall forward for containers or other networks too: ${OTHERS}.`,
    dependsOn: [],
    // One burst is somebody's mistake; who has lost his way through this host goes on trying.
    visibleAfterMs: 60_000,
    find: ({ newForwardRefusals }) =>
      newForwardRefusals >= FEW_PACKETS
        ? [
            {
              text: `${newForwardRefusals} packets since the last pass were not forwarded: this gateway forwards between each connection's local subnets and its space, and nothing else.`,
              fix: `If it shall forward for containers or other networks too: ${OTHERS}. Otherwise see who sends them: nft list table inet spacegate, tcpdump.`,
            },
          ]
        : [],
  },
];
