import { systemClock } from "../../../agent/lib/clock.ts";
import { agentCommand, prepareGateway } from "../agent.ts";
import { check } from "../check.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { SAMPLE } from "../sample.ts";
import { startStrongswan } from "../strongswan.ts";
import { emptySpace, setupOptions, TOKEN_FILE, vpnEnvironment } from "../vpn.ts";
import type { Scenario } from "./scenario.ts";

const LIMIT_SECONDS = 180;

/** Types a command as the new user does, with no token in the environment, and keeps how long it took. */
const type = async (lab: Lab, command: string, ...options: readonly string[]): Promise<string> => {
  const startedAt = systemClock.monotonic();
  lab.progress(`spacegate ${command}`);
  const argv = lab.gateway.inside(agentCommand(command, ...options));
  const { code, stdout, stderr } = await lab.processes.run(argv, {
    env: vpnEnvironment(lab, false),
    mayFail: true,
    timeoutSeconds: 110,
  });
  check(code === 0, `spacegate ${command} ended with ${code}:\n${stdout}\n${stderr}`);
  lab.findings.notes.push(`${command}: ${((systemClock.monotonic() - startedAt) / 1000).toFixed(1)} s`);
  return stdout;
};

export const newUser: Scenario = {
  name: "new-user",
  title: "A new user goes from setup to check, run, status, drill and bundle without touching a file, in under 3 minutes",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 300,
  run: async (lab) => {
    await prepareGateway(lab.gateway, { ...lab.options, source: "platform-api" });
    emptySpace(lab);
    await lab.heroku.start();
    // Debian starts it with its package.
    await startStrongswan(lab.gateway, lab.processes, 0);
    await lab.gateway.write(TOKEN_FILE, `${SAMPLE.token}\n`, 0o600);
    const startedAt = systemClock.monotonic();
    await type(lab, "setup", ...setupOptions(lab));
    await type(lab, "check");
    lab.restartAgent();
    lab.findings.tunnels = (await untilWhole(lab)).tunnels;
    check(/carries|passing/.test(await type(lab, "status")), "status should say that traffic passes");
    check(/\d s/.test(await type(lab, "drill")), "the drill should tell the seconds lost");
    check(/\.tar\.gz/.test(await type(lab, "bundle", "--out", "/run/home")), "bundle should name its file");
    const seconds = (systemClock.monotonic() - startedAt) / 1000;
    lab.findings.notes.push(`in all: ${seconds.toFixed(1)} s`);
    check(seconds < LIMIT_SECONDS, `it should take under ${LIMIT_SECONDS} s, it took ${seconds.toFixed(1)} s`);
  },
};
