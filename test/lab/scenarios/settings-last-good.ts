import { checkEqual } from "../check.ts";
import { killStrongswan } from "../faults.ts";
import { untilHealth, untilNoWarning, untilWarning, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { quick, startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const CONFIG = "/etc/spacegate/config.yaml";
const BROKEN = "connections: [{ space: acme-space,\n";

/** Like a power failure: nothing is left but the files. */
const dieWithStrongswan = async (lab: Lab): Promise<void> => {
  await lab.agent.kill();
  await killStrongswan(lab, lab.gateway);
};

const untilPassing = (lab: Lab) =>
  untilHealth(lab, "every wanted tunnel as passing, and a warning", 60, (health) => health.proven === lab.wantedTunnels);

export const settingsLastGood: Scenario = {
  name: "settings-last-good",
  title: "With a settings file broken since the last run, agent and strongSwan start from nothing and both tunnels come back",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab);
    lab.progress("kill -9 of the agent and strongSwan, a broken settings file, and a start");
    await dieWithStrongswan(lab);
    await lab.gateway.write(CONFIG, BROKEN);
    lab.restartAgent();
    lab.findings.notes.push(`the warning: ${await untilWarning(lab, "settings-refused", `${CONFIG}:`)}`);
    await untilPassing(lab);
    const { sent, received } = await lab.ping(20);
    lab.findings.ping = { sent, received };
    checkEqual(received, sent, "pings with the last good settings");
    lab.progress("correcting the settings");
    await lab.writeSettings(quick);
    await untilNoWarning(lab, "settings-refused");
    await untilWhole(lab);
  },
};
