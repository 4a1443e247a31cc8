import type { RawSettings } from "../agent.ts";
import { check } from "../check.ts";
import { steered, withConnection } from "../failover.ts";
import { drop, killStrongswan } from "../faults.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { type Fault, proveOnCall } from "../on-call.ts";
import { changePeerConf } from "../peer-conf.ts";
import { changePeerPsk } from "../peers.ts";
import { NEW_PSKS, SAMPLE, TUNNELS } from "../sample.ts";
import { askSourceNow, ownSysctls, startSteady } from "../steady.ts";
import { startStrongswan } from "../strongswan.ts";
import type { Scenario } from "./scenario.ts";

const BOTH = [1, 2] as const;

const onBoth =
  (act: (lab: Lab, tunnel: 1 | 2) => Promise<unknown>) =>
  async (lab: Lab): Promise<void> => {
    for (const tunnel of BOTH) await act(lab, tunnel);
  };

const endSas = onBoth((lab, tunnel) =>
  lab.inGateway(
    ["swanctl", "--terminate", "--ike", `spacegate.${SAMPLE.space}.${SAMPLE.connection}.${tunnel}`, "--force", "--timeout", "1"],
    true,
  ),
);

/** Heroku makes the connection anew, so that both ends have the same PSKs again; the agent is told to ask. */
const makePsksAnew = async (lab: Lab): Promise<void> => {
  for (const tunnel of BOTH) lab.heroku.updateTunnel(tunnel, { pre_shared_key: NEW_PSKS[0] });
  askSourceNow(lab.agent);
};

/** The command that a fix names. */
const commandIn = (fix: string, start: string): string[] => {
  const command = fix.slice(fix.indexOf(start)).split(/[,;]| \(/)[0] ?? "";
  check(command.startsWith(start), `the fix should name the command ${start}: ${fix}`);
  return command.replace(/\.$/, "").trim().split(" ");
};

const ofHeroku =
  (change: (lab: Lab) => void) =>
  async (lab: Lab): Promise<void> => {
    change(lab);
    askSourceNow(lab.agent);
  };

const tokenAtHeroku = (token: string) => ofHeroku((lab) => lab.heroku.update((state) => ({ ...state, token })));
const publicIpAtHeroku = (address: string) =>
  ofHeroku((lab) =>
    lab.heroku.updateConnection((office) => ({
      ...office,
      public_ip: address,
      tunnels: (office.tunnels as readonly object[]).map((tunnel) => ({ ...tunnel, customer_ip: address })),
    })),
  );

const local = (subnet: string) => ({ local: { address: SAMPLE.gateway, subnets: [subnet], public_address: SAMPLE.gateway } });
const withSubnet = (subnet: string) => (settings: RawSettings) => ownSysctls(withConnection(local(subnet))(steered(settings)));
const subnetInSettings = (subnet: string) => (lab: Lab) => lab.writeSettings(withSubnet(subnet));

const FAULTS: readonly Fault[] = [
  {
    what: "the token was revoked",
    code: "source-failed",
    fix: /heroku authorizations:create/,
    cause: tokenAtHeroku("lab-token-another"),
    follow: tokenAtHeroku(SAMPLE.token),
  },
  {
    what: "the local subnet is not within routable_cidrs",
    code: "connection-refused",
    fix: /local\.subnets|--cidrs/,
    cause: subnetInSettings("192.168.77.0/24"),
    follow: subnetInSettings(SAMPLE.localSubnet),
  },
  {
    what: "Heroku has another public address",
    code: "connection-advice",
    fix: /./,
    cause: publicIpAtHeroku("198.51.100.99"),
    follow: publicIpAtHeroku(SAMPLE.gateway),
  },
  {
    what: "ip_forward is off",
    code: "ip-forward-off",
    fix: /sysctl -w net\.ipv4\.ip_forward=1/,
    cause: (lab) => lab.inGateway(["sysctl", "-qw", "net.ipv4.ip_forward=0"]),
    follow: (lab, fix) => lab.inGateway(commandIn(fix, "sysctl")),
  },
  {
    what: "both VPN gateways have other PSKs",
    code: "wrong-psk",
    fix: /destroy and create/,
    cause: async (lab) => {
      for (const tunnel of BOTH) {
        const own = TUNNELS[tunnel - 1];
        if (own) await changePeerPsk(lab.peer(tunnel), own, NEW_PSKS[0], lab.processes);
      }
      await endSas(lab);
    },
    follow: makePsksAnew,
  },
  {
    what: "both VPN gateways have another network for this side",
    code: "selector-mismatch",
    fix: /routable_cidrs/,
    cause: async (lab) => {
      for (const tunnel of BOTH) await changePeerConf(lab, tunnel, "rightsubnet", "172.18.0.0/16");
      await endSas(lab);
    },
    follow: async (lab) => {
      for (const tunnel of BOTH) await changePeerConf(lab, tunnel, "rightsubnet", SAMPLE.localSubnet);
    },
  },
  {
    what: "UDP is blocked",
    code: "no-answer-500",
    fix: /Open UDP 500 and 4500/,
    cause: async (lab) => {
      await onBoth((one, tunnel) => drop(one, tunnel, "udp-500"))(lab);
      await endSas(lab);
    },
    follow: onBoth((lab, tunnel) => drop(lab, tunnel, "udp-500", false)),
  },
  {
    what: "UDP 4500 is blocked",
    code: "no-answer-4500",
    fix: /Open UDP 4500/,
    cause: async (lab) => {
      await onBoth((one, tunnel) => drop(one, tunnel, "udp-4500"))(lab);
      await endSas(lab);
    },
    follow: onBoth((lab, tunnel) => drop(lab, tunnel, "udp-4500", false)),
  },
  {
    what: "both tunnels are down",
    code: "connection-down",
    fix: /tunnels' own warnings/,
    cause: onBoth((lab, tunnel) => lab.cut(tunnel)),
    follow: onBoth((lab, tunnel) => lab.restore(tunnel)),
  },
];

const CHARON_DEAD: Fault = {
  what: "charon is dead",
  code: "charon-absent",
  fix: /systemctl start strongswan-starter/,
  cause: (lab) => killStrongswan(lab, lab.gateway),
  follow: (lab) => startStrongswan(lab.gateway, lab.processes, 1),
};

/** As under an init system: that one starts charon, not the agent. */
const restartUnderInit = async (lab: Lab): Promise<void> => {
  await lab.agent.stop();
  lab.restartAgent("--root", "/");
  await lab.sleep(1);
  await untilWhole(lab);
};

export const onCall: Scenario = {
  name: "on-call",
  title: "For each likely fault /healthz, status, check and the page name the same cause, and the fix works",
  engines: ["native", "libipsec"],
  timeoutSeconds: 600,
  run: async (lab) => {
    await startSteady(lab, withSubnet(SAMPLE.localSubnet));
    for (const fault of FAULTS) await proveOnCall(lab, fault);
  },
};

export const onCallCharon: Scenario = {
  name: "on-call-charon",
  title: "With charon dead /healthz, status, check and the page say so, and starting it is all it takes",
  engines: ["native", "libipsec"],
  timeoutSeconds: 200,
  run: async (lab) => {
    await startSteady(lab, steered);
    await restartUnderInit(lab);
    await proveOnCall(lab, CHARON_DEAD);
  },
};

export const onCallOneTunnel: Scenario = {
  name: "on-call-one-tunnel",
  title: "With one of two tunnels down /healthz, status, check and the page name the tunnel and the cause, and the fix works",
  engines: ["native", "uml"],
  timeoutSeconds: 300,
  run: async (lab) => {
    await startSteady(lab, steered);
    await proveOnCall(lab, {
      what: "tunnel 2 is cut",
      code: "no-answer-500",
      fix: /Open UDP 500 and 4500/,
      cause: (one) => one.cut(2),
      follow: (one) => one.restore(2),
    });
  },
};
