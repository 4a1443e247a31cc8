import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RawSettings } from "../agent.ts";
import { untilFirstCarries, withConnection } from "../failover.ts";
import { drop } from "../faults.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { untilPasses } from "../metrics.ts";
import { SAMPLE } from "../sample.ts";
import { type CheckBreak, proveChecks, untilNothingFails } from "../spacegate-check.ts";
import type { StandInState, WireObject } from "../stand-in/state.ts";
import { ownSysctls, quick, startSteady } from "../steady.ts";
import { inNamespace } from "../topology.ts";
import type { Scenario } from "./scenario.ts";

const shell = (lab: Lab, script: string) => lab.inGateway(["sh", "-ec", script]);

/** Done and undone by commands in the gateway. */
const byShell =
  (broken: string, undone: string): CheckBreak["cause"] =>
  async (lab) => {
    await shell(lab, broken);
    return () => shell(lab, undone);
  };

const byHeroku =
  (broken: (state: StandInState) => StandInState, undone: (state: StandInState) => StandInState): CheckBreak["cause"] =>
  async ({ heroku }) => {
    heroku.update(broken);
    return async () => heroku.update(undone);
  };

const byConnection =
  (broken: WireObject, undone: WireObject): CheckBreak["cause"] =>
  async ({ heroku }) => {
    heroku.updateConnection((office) => ({ ...office, ...broken }));
    return async () => heroku.updateConnection((office) => ({ ...office, ...undone }));
  };

const HEROKU: readonly CheckBreak[] = [
  {
    what: "the token was revoked",
    tells: ["source-failed"],
    fix: /heroku authorizations:create/,
    cause: byHeroku(
      (state) => ({ ...state, token: "lab-token-another" }),
      (state) => ({ ...state, token: SAMPLE.token }),
    ),
  },
  {
    what: "Heroku could not make the connection",
    tells: ["connection-waiting"],
    fix: /spaces:vpn:wait/,
    cause: byConnection({ status: "failed", status_message: "no capacity" }, { status: "active", status_message: "" }),
  },
  {
    what: "the local network is not within routable_cidrs",
    tells: ["connection-refused"],
    fix: /--cidrs/,
    cause: byConnection({ routable_cidrs: ["172.16.0.0/24"] }, { routable_cidrs: [SAMPLE.localSubnet] }),
  },
  {
    what: "the public address is another one than Heroku has",
    tells: ["public-address-differs"],
    fix: /Elastic IP/,
    cause: async (lab) => {
      const local = { address: SAMPLE.gateway, subnets: [SAMPLE.localSubnet], public_address: "198.51.100.7" };
      await lab.writeSettings((settings) => withConnection({ local })(tcpProbed(settings)));
      return () => lab.writeSettings(tcpProbed);
    },
  },
  {
    what: "the clock is ten minutes behind",
    tells: ["clock-wrong"],
    fix: /set-ntp/,
    cause: byHeroku(
      (state) => ({ ...state, clockAheadMs: 600_000 }),
      ({ clockAheadMs: _ahead, ...state }) => state,
    ),
  },
];

const NETFILTER = "/proc/sys/net/netfilter/nf_conntrack_count";
const SECURITY = "/sys/kernel/security";
const PROFILE = "/etc/apparmor.d/usr.lib.ipsec.charon";

/** An old strongSwan's answer, found first. */
const oldStrongswan: CheckBreak["cause"] = async (lab) => {
  await writeFile(join(lab.gateway.path("/run/home"), "ipsec"), "#!/bin/sh\necho 'Linux strongSwan U5.8.2/K5.4.0'\n", {
    mode: 0o755,
  });
  return () => shell(lab, "rm /run/home/ipsec");
};

const HOST: readonly CheckBreak[] = [
  {
    what: "strongSwan is too old",
    tells: ["strongswan-old"],
    fix: /Debian 12/,
    how: { path: "/run/home" },
    cause: oldStrongswan,
  },
  {
    what: "net.ipv4.ip_forward is 0",
    tells: ["ip-forward-off"],
    fix: /sysctl -w net\.ipv4\.ip_forward=1/,
    cause: async (lab) => {
      await lab.writeSettings((settings) => ownSysctls(tcpProbed(settings)));
      await untilPasses(lab, 1);
      await shell(lab, "echo 0 >/proc/sys/net/ipv4/ip_forward");
      // The agent's own first deed, once it may.
      return () => lab.writeSettings(tcpProbed);
    },
  },
  {
    what: "the table of tracked connections is full",
    tells: ["conntrack-full"],
    fix: /nf_conntrack_max=/,
    cause: byShell(
      `cat /proc/sys/net/netfilter/nf_conntrack_max >/run/home/count; mount --bind /run/home/count ${NETFILTER}`,
      `umount ${NETFILTER}`,
    ),
  },
  {
    what: "the last good copy is open to others",
    tells: ["secret-readable"],
    fix: /chmod 600 \/var\/lib\/spacegate\/last-good\.json/,
    cause: byShell("chmod 644 /var/lib/spacegate/last-good.json", "chmod 600 /var/lib/spacegate/last-good.json"),
  },
  {
    what: "AppArmor's profile of charon has no rule for ipsec.secrets",
    tells: ["apparmor-denies"],
    fix: /\/etc\/ipsec\.secrets r,/,
    cause: byShell(
      `mount -t tmpfs none ${SECURITY}
mkdir -p ${SECURITY}/apparmor /etc/apparmor.d
echo '/usr/lib/ipsec/charon (enforce)' >${SECURITY}/apparmor/profiles
printf '/usr/lib/ipsec/charon {\\n  /etc/strongswan.d/**  r,\\n  /run/charon.*  rw,\\n}\\n' >${PROFILE}`,
      `umount ${SECURITY}; rm ${PROFILE}`,
    ),
  },
  {
    what: "the route to the local network is gone",
    tells: ["no-route-back"],
    fix: /ip route add 172\.16\.0\.0\/16/,
    cause: byShell("ip route del 172.16.0.0/24 dev lan0", "ip route add 172.16.0.0/24 dev lan0 src 172.16.0.2"),
  },
];

const LARGE_PACKETS = `table ip large {
  chain forward {
    type filter hook forward priority 0; policy accept;
    meta length > 1300 drop
  }
}`;

/** With policy routing the second tunnel stands by: nothing but asking its VPN gateway tells that it could not come up. */
const WAY: readonly CheckBreak[] = [
  {
    what: "UDP 500 of the standing-by tunnel is blocked",
    tells: ["no-answer-500 2"],
    fix: /Open UDP 500/,
    cause: async (lab) => {
      await drop(lab, 2, "udp-500");
      return () => drop(lab, 2, "udp-500", false);
    },
  },
  {
    what: "UDP 4500 of the standing-by tunnel is blocked",
    tells: ["no-answer-4500 2"],
    fix: /Open UDP 4500/,
    cause: async (lab) => {
      await drop(lab, 2, "udp-4500");
      return () => drop(lab, 2, "udp-4500", false);
    },
  },
  {
    what: "a link between the gateways loses large packets",
    tells: ["mtu-small 1"],
    fix: /maxseg size set/,
    cause: async (lab) => {
      await lab.processes.run(inNamespace("inet", ["nft", "-f", "-"]), { input: LARGE_PACKETS });
      return () => lab.processes.run(inNamespace("inet", ["nft", "delete", "table", "ip", "large"]));
    },
  },
];

const TCP_PORT = 8080;

/** Something in the space that takes TCP connections, and the settings that probe it. */
const probeOverTcp = async (lab: Lab): Promise<void> => {
  const listen = `require("node:net").createServer((socket) => socket.on("error", () => {})).listen(${TCP_PORT})`;
  lab.processes.start("dyno-tcp", inNamespace("dyno", [process.execPath, "-e", listen]));
  await lab.writeSettings(tcpProbed);
  await untilWhole(lab);
};

const tcpProbed = (settings: RawSettings): RawSettings =>
  withConnection({ probe: { target: SAMPLE.dyno, protocol: "tcp", port: TCP_PORT } })(quick(settings));

export const checkGateway: Scenario = {
  name: "check-gateway",
  title: "spacegate check passes on a healthy gateway and tells each of fourteen faults alone, with what to do",
  engines: ["libipsec"],
  timeoutSeconds: 300,
  run: async (lab) => {
    await startSteady(lab);
    await probeOverTcp(lab);
    lab.progress("spacegate check on a healthy gateway");
    const { seconds, results } = await untilNothingFails(lab);
    const passed = results.filter(({ status }) => status === "ok").length;
    lab.findings.notes.push(`healthy: ${passed} of ${results.length} lines are ok, in ${seconds.toFixed(1)} s`);
    await proveChecks(lab, [...HEROKU, ...HOST, ...WAY]);
    await untilNothingFails(lab);
  },
};

/** Each VTI link of the agent's, as $link. */
const eachLink = (command: string): string =>
  `for link in $(ip -o link show type vti | grep -o 'sgvti[0-9]*' | sort -u); do ${command}; done`;

/** What the agent itself would put right at once. */
const LINKS: readonly CheckBreak[] = [
  {
    what: "rp_filter is 1 on the VTI links",
    tells: ["rp-filter-strict"],
    fix: /rp_filter=2/,
    cause: byShell(
      eachLink("echo 1 >/proc/sys/net/ipv4/conf/$link/rp_filter"),
      eachLink("echo 2 >/proc/sys/net/ipv4/conf/$link/rp_filter"),
    ),
  },
  {
    what: "the VTI links promise TCP more than the tunnel carries",
    tells: ["mss-large 1"],
    fix: /maxseg size set 1398/,
    cause: byShell(eachLink("ip link set $link mtu 1500"), eachLink("ip link set $link mtu 1419")),
  },
];

/** With VTI both tunnels are up, and both are measured. */
export const checkVti: Scenario = {
  name: "check-vti",
  title: "spacegate check measures both tunnels, and tells VTI links that drop answers or promise too much",
  engines: ["native", "uml"],
  timeoutSeconds: 200,
  run: async (lab) => {
    await startSteady(lab);
    await probeOverTcp(lab);
    await untilFirstCarries(lab);
    const { seconds, results } = await untilNothingFails(lab);
    const measured = results.filter(({ code }) => code === "mtu-small" || code === "mss-large");
    lab.findings.notes.push(
      `in ${seconds.toFixed(1)} s; ${measured.map(({ tunnel, status, text }) => `tunnel ${tunnel}: ${status}: ${text}`).join("; ")}`,
    );
    lab.progress("the agent is killed");
    await lab.agent.stop("SIGKILL");
    await proveChecks(lab, LINKS);
    await untilNothingFails(lab);
  },
};
