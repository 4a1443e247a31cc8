import { check, checkEqual, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import { readMetric, untilPasses } from "../metrics.ts";
import type { Running } from "../processes.ts";
import { ipsecCalls, recordIpsec } from "../recorder.ts";
import { startSteady } from "../steady.ts";
import { stepsFromNow, Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

/** In TEST-NET-1: a change that the scenario makes itself, to see that changes are seen. */
const CONTROL = "192.0.2.0/24";

const watchNetwork = async (lab: Lab): Promise<Running> => {
  const monitor = lab.processes.start("ip-monitor", lab.gateway.inside(["ip", "monitor", "link", "address", "route", "rule"]));
  await lab.sleep(0.3);
  return monitor;
};

/** What changed in the gateway's network until now. */
const networkChanges = async (lab: Lab, monitor: Running): Promise<string> => {
  await lab.inGateway(["ip", "route", "add", CONTROL, "dev", "lo"]);
  const seen = await waitUntil("ip monitor to see the scenario's own change", 5, () => {
    const output = monitor.output();
    return output.includes(CONTROL) ? { done: true, value: output } : { done: false, seen: output };
  });
  await lab.inGateway(["ip", "route", "del", CONTROL, "dev", "lo"]);
  await monitor.stop();
  return seen.slice(0, seen.indexOf(CONTROL)).replace(/\S*$/, "").trim();
};

const READS_ONLY = /^(status|statusall|version|--version)$/;

/** What charon logs when somebody tells it to do something. */
const ORDERS = /received stroke|vici (initiate|terminate|rekey|load-conn|unload-conn)|initiating|deleting/;

export const quiet: Scenario = {
  name: "quiet",
  title: "Passes that find nothing to change change nothing",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await recordIpsec(lab.gateway);
    const { agent } = await startSteady(lab);
    const calls = await ipsecCalls(lab.gateway);
    check(calls.includes("start"), `the record of \`ipsec\` should begin with its start, found ${calls.join(", ")}`);
    lab.progress("waiting for three passes");
    const monitor = await watchNetwork(lab);
    const untouched = await Untouched.since(lab);
    const steps = stepsFromNow(agent);
    const changes = await readMetric(lab, "spacegate_changes_total");
    const log = (await lab.charonLog()).length;
    await untilPasses(lab, 3);
    await untouched.check("after three passes");
    checkEqual(steps(), [], "the agent's steps");
    checkEqual(await readMetric(lab, "spacegate_changes_total"), changes, "spacegate_changes_total");
    const later = (await ipsecCalls(lab.gateway)).slice(calls.length);
    checkEqual(
      later.filter((call) => !READS_ONLY.test(call)),
      [],
      "`ipsec` commands that change something",
    );
    checkEqual(await networkChanges(lab, monitor), "", "changes of links, addresses, routes and rules");
    const orders = (await lab.charonLog())
      .slice(log)
      .split("\n")
      .filter((line) => ORDERS.test(line));
    checkEqual(orders, [], "what charon was told");
    lab.findings.notes.push(`steps to bring everything about: ${changes}; in three further passes: 0`);
  },
};
