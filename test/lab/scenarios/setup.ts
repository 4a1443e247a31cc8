import { systemClock } from "../../../agent/lib/clock.ts";
import { agentCommand, prepareGateway } from "../agent.ts";
import { check, checkEqual } from "../check.ts";
import { untilWhole } from "../health.ts";
import { SAMPLE } from "../sample.ts";
import { emptySpace, setupOptions, TOKEN_FILE, vpnCommand, vpnEnvironment } from "../vpn.ts";
import type { Scenario } from "./scenario.ts";

export const setupScenario: Scenario = {
  name: "setup",
  title: "`setup` with flags goes from nothing to a settings file, and has the connection made; the agent brings it up as it is",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await prepareGateway(lab.gateway, { ...lab.options, source: "platform-api" });
    emptySpace(lab);
    await lab.heroku.start();
    await lab.gateway.write(TOKEN_FILE, `${SAMPLE.token}\n`, 0o600);
    lab.progress("spacegate setup");
    const startedAt = systemClock.monotonic();
    const { stderr } = await lab.processes.run(lab.gateway.inside(agentCommand("setup", ...setupOptions(lab))), {
      env: vpnEnvironment(lab, false),
    });
    check(stderr.includes(`own address towards the internet: ${SAMPLE.gateway}`), `it should find its address: ${stderr}`);
    lab.progress("spacegate vpn info, with the token that setup stored");
    const info = await lab.processes.run(lab.gateway.inside(vpnCommand("info", "--json")), { env: vpnEnvironment(lab, false) });
    const { status, public_ip, routable_cidrs } = JSON.parse(info.stdout);
    checkEqual([status, public_ip, routable_cidrs], ["active", SAMPLE.gateway, [SAMPLE.localSubnet]], "the new connection");
    lab.progress("spacegate run");
    lab.restartAgent();
    const health = await untilWhole(lab);
    const seconds = (systemClock.monotonic() - startedAt) / 1000;
    lab.findings.notes.push(`from setup to a tunnel that is proven to pass: ${seconds.toFixed(1)} s`);
    lab.findings.tunnels = health.tunnels;
    const { received, sent } = await lab.ping(20);
    lab.findings.ping = { sent, received };
    checkEqual(received, sent, "pings");
  },
};
