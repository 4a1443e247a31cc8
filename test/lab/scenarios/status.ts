import { agentCommand } from "../agent.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import { untilNoWarning, untilWarning } from "../health.ts";
import type { Lab } from "../lab.ts";
import type { Output } from "../processes.ts";
import { TUNNELS } from "../sample.ts";
import { secretsIn } from "../secrets.ts";
import { ownSysctls, quick, startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

/** `spacegate status` in the gateway: one screen, and no secret on it. */
const status = async (lab: Lab, ...options: readonly string[]): Promise<Output> => {
  const output = await lab.inGateway(agentCommand("status", ...options), true);
  checkEqual(secretsIn(output.stdout + output.stderr), [], "secrets in what status prints");
  return output;
};

/** Throws unless it ended so and said something like each of these. */
const checkSaid = ({ code, stdout, stderr }: Output, wanted: number, ...words: readonly RegExp[]): void => {
  checkEqual(code, wanted, `exit code of status, which said: ${stdout}${stderr}`);
  for (const word of words) check(word.test(stdout), `status should say ${word}, it said:\n${stdout}`);
  const widest = Math.max(...stdout.split("\n").map((line) => line.length));
  check(widest <= 80, `status should need 80 columns, it took ${widest}`);
};

const checkHealthy = async (lab: Lab): Promise<void> => {
  lab.progress("status, while all is well");
  checkSaid(await status(lab), 0, /^\+ ok /, /^ {2}> {2}\d \S+ +\+ passing/m, /Heroku says active, confirmed/);
  const json = JSON.parse((await status(lab, "--json")).stdout) as { status: string; connections: { tunnels: unknown[] }[] };
  checkEqual([json.status, json.connections[0]?.tunnels.length], ["ok", 2], "status --json");
};

const checkWarning = async (lab: Lab): Promise<void> => {
  lab.progress("ip_forward off, and on again as the fix says");
  const forward = (value: 0 | 1) => lab.inGateway(["sysctl", "-qw", `net.ipv4.ip_forward=${value}`]);
  await forward(0);
  await untilWarning(lab, "ip-forward-off");
  checkSaid(await status(lab), 1, /ip_forward is 0/, /Fix: sysctl -w net\.ipv4\.ip_forward=1/, /\(ip-forward-off, for /);
  await forward(1);
  await untilNoWarning(lab, "ip-forward-off");
  checkSaid(await status(lab), 0);
};

const checkDebug = async (lab: Lab): Promise<void> => {
  lab.progress("SIGUSR1: the agent tells more; everything that it says is searched for secrets");
  const said = (words: string) =>
    waitUntil(`the agent to say ${words}`, 20, () =>
      lab.agent.output().includes(words) ? { done: true, value: undefined } : { done: false, seen: "it has not" },
    );
  process.kill(lab.agent.pid, "SIGUSR1");
  await said("the log level is debug");
  await said("a pass found nothing to do");
  process.kill(lab.agent.pid, "SIGUSR1");
  await said("the log level is info");
};

const checkWithoutAgent = async (lab: Lab): Promise<void> => {
  lab.progress("status after a kill -9 of the agent");
  await lab.agent.kill();
  const installed = /\? installed +\d.* (\d+(\.\d)? k?B|\d+\.\d MB)/;
  checkSaid(await status(lab), 1, /no agent answers/, /systemctl start spacegate/, installed, /IKE ESTABLISHED, child INSTALLED/);
  lab.progress("status without charon as well");
  await lab.inGateway(["ipsec", "stop"]);
  checkSaid(
    await status(lab),
    1,
    /charon does not answer either/,
    ...TUNNELS.map(({ address }) => new RegExp(`${address} +x down`)),
  );
};

export const statusScenario: Scenario = {
  name: "status",
  title: "status tells on one screen what is well and what to do; without the agent it asks charon itself",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab, (settings) => ownSysctls(quick(settings)));
    await checkHealthy(lab);
    await checkWarning(lab);
    await checkDebug(lab);
    await checkWithoutAgent(lab);
  },
};
