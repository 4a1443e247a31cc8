import { agentCommand, agentEnvironment, prepareGateway, sampleSettings, writeSettings } from "../agent.ts";
import { check, waitUntil } from "../check.ts";
import { withConnection } from "../failover.ts";
import { killStrongswan } from "../faults.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import type { Running } from "../processes.ts";
import { SAMPLE } from "../sample.ts";
import { type CheckBreak, proveChecks, untilNothingFails } from "../spacegate-check.ts";
import { quick } from "../steady.ts";
import { charonFragment } from "../strongswan.ts";
import type { Scenario } from "./scenario.ts";

const FRAGMENT = "/etc/strongswan.d/lab.conf";
const STANDALONE = { options: ["--standalone"] };

/** Starts strongSwan in the gateway with more lines in charon's section, as an owner's own configuration would have them. */
const startCharon = async (lab: Lab, more: string, engine: Lab["options"]["engine"] = "libipsec"): Promise<Running> => {
  await lab.gateway.write(FRAGMENT, charonFragment(engine, more));
  const running = lab.processes.start("gw-strongswan", lab.gateway.inside(["ipsec", "start", "--nofork"]));
  await waitUntil("charon to run", 20, async () => {
    const { stdout } = await lab.inGateway(["ss", "-Hulpn", "sport = :4500"], true);
    const ready = more.includes("socket-default") || stdout.includes("charon");
    return ready && (await lab.gateway.read("/run/charon.pid")) !== ""
      ? { done: true, value: undefined }
      : { done: false, seen: running.output().trim().split("\n").at(-1) ?? "" };
  });
  await lab.sleep(1);
  return running;
};

const stopCharon = async (lab: Lab): Promise<void> => {
  await lab.inGateway(["ipsec", "stop"], true);
  await waitUntil("strongSwan to end", 20, async () => {
    const pids = `${await lab.gateway.read("/run/charon.pid")}${await lab.gateway.read("/run/starter.charon.pid")}`;
    return pids === "" ? { done: true, value: undefined } : { done: false, seen: pids };
  });
};

const withCharon =
  (more: string, engine?: Lab["options"]["engine"]): CheckBreak["cause"] =>
  async (lab) => {
    await startCharon(lab, more, engine);
    return () => stopCharon(lab);
  };

const plugin = (name: string): string => `  plugins {\n    ${name} {\n      load = no\n    }\n  }\n`;

/** Plugins as for the lab's own VPN gateways, but without the one that brings modp2048. */
const WITHOUT_MODP = `  load_modular = no
  load = random nonce aes sha1 sha2 hmac kdf drbg xcbc stroke vici kernel-libipsec kernel-netlink socket-default updown
`;

/** Hides the modules of a kernel that has some. */
const HIDE_MODULES = "for d in /lib/modules /sys/module; do [ ! -d $d ] || mount -t tmpfs none $d; done";
const SHOW_MODULES = "for d in /lib/modules /sys/module; do [ ! -d $d ] || umount $d; done";

const withoutModules =
  (cause: CheckBreak["cause"]): CheckBreak["cause"] =>
  async (lab) => {
    await lab.inGateway(["sh", "-c", HIDE_MODULES]);
    const undo = await cause(lab);
    return async () => {
      await lab.inGateway(["sh", "-c", SHOW_MODULES]);
      await undo();
    };
  };

const routingVti: CheckBreak["cause"] = async (lab) => {
  const undo = await withCharon("")(lab);
  await lab.writeSettings(withConnection({ routing: "vti" }));
  return async () => {
    await lab.writeSettings((settings) => settings);
    await undo();
  };
};

const TAKE_PORTS = `for (const port of [500, 4500]) require("node:dgram").createSocket("udp4").bind(port, () => console.log("bound"));`;

/** A second IKE daemon, as far as the ports are concerned. */
const portsTaken: CheckBreak["cause"] = async (lab) => {
  const other = lab.processes.start("other-daemon", lab.gateway.inside([process.execPath, "-e", TAKE_PORTS]));
  await waitUntil("the other daemon to take the ports", 20, () =>
    other.output().split("bound").length === 3 ? { done: true, value: undefined } : { done: false, seen: other.output() },
  );
  return () => other.stop("SIGKILL");
};

const addressGone: CheckBreak["cause"] = async (lab) => {
  await lab.inGateway(["ip", "address", "del", `${SAMPLE.gateway}/24`, "dev", "wan0"]);
  return () =>
    lab.inGateway(["sh", "-ec", `ip address add ${SAMPLE.gateway}/24 dev wan0; ip route replace default via 203.0.113.1`]);
};

const BREAKS: readonly CheckBreak[] = [
  {
    what: "strongSwan is not running",
    tells: ["charon-absent"],
    fix: /systemctl start strongswan-starter/,
    cause: async () => async () => undefined,
  },
  {
    what: "another program has UDP 500 and 4500",
    tells: ["ports-taken"],
    fix: /systemctl disable/,
    cause: portsTaken,
  },
  {
    what: "the gateway's address is gone",
    tells: ["local-address-gone 1", "local-address-gone 2"],
    fix: /back to the interface/,
    how: STANDALONE,
    cause: addressGone,
  },
  { what: "charon has no vici plugin", tells: ["vici-absent"], fix: /strongswan-swanctl/, cause: withCharon(plugin("vici")) },
  { what: "charon has no stroke plugin", tells: ["plugins-missing"], fix: /load = no/, cause: withCharon(plugin("stroke")) },
  {
    what: "charon has no modp2048",
    tells: ["algorithms-missing"],
    fix: /libstrongswan-standard-plugins/,
    cause: withCharon(WITHOUT_MODP),
  },
  {
    what: "neither kernel nor charon does ESP",
    tells: ["esp-missing"],
    fix: /modprobe esp4/,
    cause: withoutModules(withCharon(plugin("kernel-libipsec"), "uml")),
  },
  {
    what: "routing is vti on a kernel without VTI",
    tells: ["vti-missing"],
    fix: /routing: auto/,
    cause: withoutModules(routingVti),
  },
];

export const checkStrongswan: Scenario = {
  name: "check-strongswan",
  title: "spacegate check works without the agent, and tells each fault of strongSwan and of the kernel alone, with what to do",
  engines: ["libipsec"],
  timeoutSeconds: 300,
  run: async (lab) => {
    await lab.heroku.start();
    await prepareGateway(lab.gateway, lab.options);
    await writeSettings(lab.gateway, sampleSettings(lab.options.source, lab.routing));
    lab.progress("spacegate check --standalone before anything runs");
    await untilNothingFails(lab, STANDALONE);
    await proveChecks(lab, BREAKS);
  },
};

/** Where an init system starts strongSwan, the agent does not. */
export const checkCharonKilled: Scenario = {
  name: "check-charon-killed",
  title: "With charon dead and nobody to start it, /healthz and spacegate check say the same",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await lab.heroku.start();
    await prepareGateway(lab.gateway, lab.options);
    await lab.writeSettings(quick);
    await startCharon(lab, "", lab.options.engine);
    const agent = lab.processes.start(
      "agent",
      lab.gateway.inside(agentCommand("run")),
      agentEnvironment(lab.heroku, lab.options),
    );
    await untilWhole(lab).catch(() => check(false, `the tunnels should come up: ${agent.output()}`));
    await untilNothingFails(lab);
    lab.progress("kill -9 of charon and starter");
    const killed: CheckBreak["cause"] = async () => {
      await killStrongswan(lab, lab.gateway);
      return async () => undefined;
    };
    const what = "charon is dead";
    await proveChecks(lab, [{ what, tells: ["charon-absent"], fix: /systemctl start strongswan-starter/, cause: killed }]);
  },
};
