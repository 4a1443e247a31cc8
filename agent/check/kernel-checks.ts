import type { ConnectionSettings, Settings } from "../model/settings.ts";
import { verdictOf } from "./borrowed.ts";
import type { FactValues } from "./facts.ts";
import { failed, ok, skipped, type Verdict, warned } from "./result.ts";
import { type CheckSpec, defineCheck } from "./spec.ts";

const LOAD = (module: string): string =>
  `modprobe ${module}; where that fails, boot the distribution's ordinary kernel instead of a small cloud or container one.`;

const espVerdict = (modules: FactValues["modules"], plugins: readonly string[]): Verdict => {
  if (plugins.includes("kernel-libipsec")) return ok("charon does ESP itself (kernel-libipsec)");
  return modules.esp4
    ? ok("esp4")
    : failed("This kernel has no ESP (module esp4), so no CHILD_SA can be installed.", LOAD("esp4"));
};

const ONE_AT_A_TIME = "One tunnel is up at a time then, and a failover takes longer.";

const vtiVerdict = (
  modules: FactValues["modules"],
  plugins: readonly string[],
  routing: ConnectionSettings["routing"],
): Verdict => {
  if (routing === "policy") return skipped("routing is policy, which needs none.");
  if (plugins.includes("kernel-libipsec") && routing === "auto") return skipped("charon does ESP itself, so routing is policy.");
  if (modules.ip_vti) return ok("ip_vti");
  if (routing === "auto") return warned(`This kernel has no VTI (module ip_vti). ${ONE_AT_A_TIME}`, LOAD("ip_vti"));
  return failed("routing is vti, but this kernel has no VTI (module ip_vti).", `${LOAD("ip_vti")} Or set routing: auto.`);
};

const FORWARDS: Readonly<Record<Settings["firewall"]["forward"], string>> = {
  connections: "table inet spacegate; nothing but the connections' networks is forwarded",
  any: "table inet spacegate; whatever else this host forwards goes on",
};

const OPEN = "table inet spacegate; IKE is let in from anybody, because strongSwan has conns for peers that cannot be listed";

const STRICT = 1;

/** What the plan warns of is no better here. */
const borrowed = ({ warnings }: FactValues["outlook"], code: string, otherwise: Verdict): Verdict[] => {
  const verdicts = warnings.filter((warning) => warning.code === code).map(verdictOf);
  return verdicts.length > 0 ? verdicts : [otherwise];
};

/** Connections that are not tracked any more are dropped: some room must be left. */
const ALMOST_FULL = 0.9;

export const KERNEL_CHECKS: readonly CheckSpec[] = [
  defineCheck({
    code: "esp-missing",
    title: "Kernel does ESP",
    group: "Kernel",
    needs: ["modules", "charon"],
    judge: ({ modules, charon }) => [espVerdict(modules, charon.plugins)],
  }),
  defineCheck({
    code: "vti-missing",
    title: "Kernel has VTI",
    group: "Kernel",
    needs: ["modules", "charon", "settings"],
    judge: ({ modules, charon, settings }) =>
      [...new Set(settings.connections.map(({ routing }) => routing))].map((routing) =>
        vtiVerdict(modules, charon.plugins, routing),
      ),
  }),
  defineCheck({
    code: "ip-forward-off",
    title: "Kernel forwards packets",
    group: "Kernel",
    needs: ["ipForward", "outlook"],
    judge: ({ ipForward, outlook }) =>
      ipForward
        ? [ok("net.ipv4.ip_forward is 1")]
        : borrowed(outlook, "ip-forward-off", ok("net.ipv4.ip_forward is 0, and the agent sets it to 1")),
  }),
  defineCheck({
    code: "firewall-failed",
    title: "The gateway's own firewall",
    group: "Kernel",
    needs: ["settings", "outlook"],
    judge: ({ settings: { firewall }, outlook }) => {
      if (!firewall.manage) return [skipped("firewall.manage is false: it is left to you.")];
      if (!outlook.firewall) return [skipped("Below a directory there is none.")];
      return borrowed(outlook, "firewall-failed", ok(outlook.firewall.open ? OPEN : FORWARDS[firewall.forward]));
    },
  }),
  defineCheck({
    code: "rp-filter-strict",
    title: "Answers may come by either tunnel",
    group: "Kernel",
    needs: ["reversePaths"],
    judge: ({ reversePaths }) => {
      const strict = reversePaths.filter(({ mode }) => mode === STRICT).map(({ dev }) => dev);
      if (reversePaths.length === 0) return [skipped("There is no VTI link.")];
      if (strict.length === 0) return [ok(reversePaths.map(({ dev, mode }) => `${dev} ${mode}`).join(", "))];
      return [
        failed(
          `rp_filter is strict on ${strict.join(" and ")}: answers that come back by the other tunnel are dropped.`,
          strict.map((dev) => `sysctl -w net.ipv4.conf.${dev}.rp_filter=2`).join("; "),
        ),
      ];
    },
  }),
  defineCheck({
    code: "conntrack-full",
    title: "Connection tracking has room",
    group: "Kernel",
    needs: ["conntrack"],
    judge: ({ conntrack }) => {
      if (!conntrack) return [skipped("This kernel tracks no connections.")];
      const { count, max } = conntrack;
      if (count < max * ALMOST_FULL) return [ok(`${count} of ${max}`)];
      return [
        failed(
          `The kernel tracks ${count} of ${max} connections: new ones are about to be dropped.`,
          `sysctl -w net.netfilter.nf_conntrack_max=${max * 2}, and the same line in /etc/sysctl.d/.`,
        ),
      ];
    },
  }),
];
