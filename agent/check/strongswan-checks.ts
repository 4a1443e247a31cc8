import type { Settings } from "../model/settings.ts";
import { fromWarnings } from "./borrowed.ts";
import type { Charon } from "./facts.ts";
import type { PortHolder } from "./ports.ts";
import { wantedBy } from "./proposals.ts";
import { failed, ok, skipped, type Verdict } from "./result.ts";
import { type CheckSpec, defineCheck } from "./spec.ts";

/** Ubuntu 22.04's; older ones have not been tried. */
const OLDEST = [5, 9, 5];

const isOld = (version: string): boolean => {
  const parts = version.split(".").map((part) => Number.parseInt(part, 10));
  const place = OLDEST.findIndex((least, position) => (parts[position] ?? 0) !== least);
  return place !== -1 && (parts[place] ?? 0) < (OLDEST[place] ?? 0);
};

/** What the agent talks to, and what charon cannot work without. Each line is one need and the plugins that meet it. */
const PLUGINS: readonly (readonly string[])[] = [["stroke"], ["vici"], ["kernel-netlink"], ["socket-default", "socket-dynamic"]];

const missingPlugins = ({ plugins }: Charon): string[] =>
  PLUGINS.flatMap((choice) => (choice.some((name) => plugins.includes(name)) ? [] : [choice.join(" or ")]));

const missingAlgorithms = (settings: Settings, { algorithms }: Charon): string[] => {
  const wanted = settings.connections.flatMap(({ proposals }) => [
    ...wantedBy(proposals.ike, "ike"),
    ...wantedBy(proposals.esp, "esp"),
  ]);
  const missing = wanted.filter(({ kind, name }) => !algorithms.get(kind)?.includes(name));
  return [...new Set(missing.map(({ name }) => name))];
};

const described = ({ port, pid, name }: PortHolder): string => `UDP ${port} by ${name} (process ${pid})`;

const portVerdict = (ports: readonly PortHolder[]): Verdict => {
  const others = ports.filter(({ name }) => name !== "charon");
  if (others.some(({ pid }) => pid === undefined)) return skipped("Only root can see who has UDP 500 and 4500.", "sudo ss -ulpn");
  if (others.length === 0) return ok(ports.length > 0 ? "no other program has them" : "nobody has them");
  return failed(
    `Another program has charon's ports: ${others.map(described).join(", ")}.`,
    "Stop it and keep it from starting (systemctl disable --now strongswan libreswan), then: systemctl restart strongswan-starter",
  );
};

export const STRONGSWAN_CHECKS: readonly CheckSpec[] = [
  defineCheck({
    code: "strongswan-old",
    title: "strongSwan is installed and supported",
    group: "strongSwan",
    needs: ["strongswan"],
    judge: ({ strongswan }) => {
      if (strongswan === null)
        return [
          failed(
            "The command `ipsec` is not there: strongSwan is not installed.",
            "apt-get install strongswan-starter strongswan-charon strongswan-swanctl",
          ),
        ];
      if (!isOld(strongswan)) return [ok(strongswan)];
      return [
        failed(
          `strongSwan is ${strongswan}; ${OLDEST.join(".")} is the oldest that is supported.`,
          "Upgrade to Debian 12 or Ubuntu 22.04, or newer.",
        ),
      ];
    },
  }),
  defineCheck({
    code: "ports-taken",
    title: "UDP 500 and 4500 are charon's",
    group: "strongSwan",
    needs: ["ports"],
    judge: ({ ports }) => [portVerdict(ports)],
  }),
  defineCheck({
    code: "charon-absent",
    title: "strongSwan is running",
    group: "strongSwan",
    explainedBy: ["strongswan-old", "ports-taken"],
    needs: ["strongswan", "outlook"],
    judge: ({ outlook }) => {
      if (outlook.standalone && outlook.charon === "absent")
        return [skipped("It is not running; `spacegate run --standalone` starts it.")];
      return fromWarnings(outlook.warnings, "charon-absent", "charon answers");
    },
  }),
  defineCheck({
    code: "vici-absent",
    title: "charon answers over VICI",
    group: "strongSwan",
    needs: ["strongswan", "outlook"],
    judge: ({ outlook }) =>
      outlook.charon === "absent"
        ? [skipped("charon does not answer at all.")]
        : fromWarnings(outlook.warnings, "vici-absent", "/run/charon.vici"),
  }),
  defineCheck({
    code: "plugins-missing",
    title: "charon has its plugins",
    group: "strongSwan",
    needs: ["charon"],
    judge: ({ charon }) => {
      const missing = missingPlugins(charon);
      if (missing.length === 0) return [ok(PLUGINS.map(([first]) => first).join(", "))];
      return [
        failed(
          `charon runs without ${missing.join(", ")}.`,
          "Install strongswan-starter, strongswan-charon and strongswan-swanctl, look for `load = no` below /etc/strongswan.d, then: systemctl restart strongswan-starter",
        ),
      ];
    },
  }),
  defineCheck({
    code: "algorithms-missing",
    title: "charon has the algorithms",
    group: "strongSwan",
    needs: ["settings", "charon"],
    judge: ({ settings, charon }) => {
      const missing = missingAlgorithms(settings, charon);
      const proposals = new Set(settings.connections.flatMap((one) => [one.proposals.ike, one.proposals.esp]));
      if (missing.length === 0) return [ok([...proposals].join(", "))];
      return [
        failed(
          `charon does not implement ${missing.join(", ")}, which ${[...proposals].join(", ")} asks for.`,
          "Install libstrongswan-standard-plugins, look for `load = no` below /etc/strongswan.d, then: systemctl restart strongswan-starter",
        ),
      ];
    },
  }),
];
