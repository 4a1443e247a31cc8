import { drop } from "../faults.ts";
import type { Lab } from "../lab.ts";
import { changePeerConf } from "../peer-conf.ts";
import { type Break, proveReasons } from "../reasons.ts";
import { SAMPLE } from "../sample.ts";
import { askSourceNow } from "../steady.ts";
import { startStrongswan } from "../strongswan.ts";
import type { Scenario } from "./scenario.ts";

const noAnswer500: Break["cause"] = async (lab, tunnel) => {
  await lab.cut(tunnel);
  return () => lab.restore(tunnel);
};

/** Port 4500 is used where there is NAT in between; the VPN gateway pretends so. */
const noAnswer4500: Break["cause"] = async (lab, tunnel) => {
  const undo = await changePeerConf(lab, tunnel, "forceencaps", "yes");
  await drop(lab, tunnel, "udp-4500");
  return async () => {
    await drop(lab, tunnel, "udp-4500", false);
    await undo();
  };
};

const sayStatus = (lab: Lab, tunnel: 1 | 2, status: string, message: string): void => {
  lab.heroku.updateTunnel(tunnel, { status, status_message: message });
  askSourceNow(lab.agent);
};

/** charon of the VPN gateway takes its leave, as for maintenance. */
const providerDown: Break["cause"] = async (lab, tunnel) => {
  sayStatus(lab, tunnel, "DOWN", "scheduled maintenance");
  await lab.processes.run(lab.peer(tunnel).inside(["ipsec", "stop"]));
  return async () => {
    await lab.processes.run(lab.peer(tunnel).inside(["rm", "-f", "/run/charon.log"]));
    await startStrongswan(lab.peer(tunnel), lab.processes, 1);
    sayStatus(lab, tunnel, "UP", "");
  };
};

const addressGone = async (lab: Lab): Promise<() => Promise<void>> => {
  await lab.inGateway(["ip", "address", "del", `${SAMPLE.gateway}/24`, "dev", "wan0"]);
  return async () => {
    await lab.inGateway(["ip", "address", "add", `${SAMPLE.gateway}/24`, "dev", "wan0"]);
    await lab.inGateway(["ip", "route", "replace", "default", "via", "203.0.113.1"]);
  };
};

const BREAKS: readonly Break[] = [
  { what: "nothing is answered", code: "no-answer-500", fix: /UDP 500/, cause: noAnswer500 },
  { what: "UDP 4500 is dropped", code: "no-answer-4500", fix: /UDP 4500/, cause: noAnswer4500 },
];

const PROVIDER: Break = {
  what: "Heroku says DOWN",
  code: "provider-down",
  fix: /maintenance/,
  endsSas: true,
  cause: providerDown,
};

export const reasonNetwork: Scenario = {
  name: "reason-network",
  title: "No answer on UDP 500 or 4500 and a tunnel that Heroku itself says is down are told by name, with what to do",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 400,
  // Heroku's word counts until a try of the agent's own has failed; with policy routing one always has.
  run: (lab) => proveReasons(lab, 1, lab.routing === "vti" ? [...BREAKS, PROVIDER] : BREAKS),
};

export const reasonAddress: Scenario = {
  name: "reason-address",
  title: "A local address that is gone is told by name, and the tunnels come back with it",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 200,
  run: (lab) => {
    // There is one address for both tunnels.
    let undo: Promise<() => Promise<void>> | undefined;
    const cause: Break["cause"] = async () => {
      undo ??= addressGone(lab);
      const first = undo;
      return async () => {
        if (undo === first) await (await first)();
        undo = undefined;
      };
    };
    return proveReasons(lab, 1, [{ what: "the local address is gone", code: "local-address-gone", fix: /interface/, cause }]);
  },
};
