import { check, checkEqual } from "../check.ts";
import { checkOutage, movesOf, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { readMetric, untilPasses } from "../metrics.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

/** Seconds a pass may take while a peer is dead; a child process costs 0.1 s in user-mode Linux. */
const PASS_LIMIT = 2.5;

const checkVersion = async (lab: Lab): Promise<void> => {
  const { stdout } = await lab.inGateway(["swanctl", "--list-sas"]);
  const versions = [...stdout.matchAll(/^\S+: #\d+, [A-Z]+, (IKEv\d)/gm)].map(([, version]) => version);
  checkEqual([...new Set(versions)], ["IKEv2"], "the versions of the IKE_SAs");
};

export const failoverIkev2: Scenario = {
  name: "failover-ikev2",
  title: "With IKEv2 tunnels come up, a cut moves traffic, and ending the dead one's SAs keeps nothing waiting",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    lab.heroku.updateConnection((connection) => ({ ...connection, ike_version: 2 }));
    await startSteady(lab, steered);
    await checkVersion(lab);
    await untilFirstCarries(lab);
    const before = movesOf(lab.agent).length;
    lab.progress("cutting tunnel 1");
    const watch = lab.watchPings(0.02);
    await lab.sleep(1);
    await lab.cut(1);
    await untilCarrier(lab, 2);
    let slowest = 0;
    for (let pass = 0; pass < 8; pass += 1) {
      await untilPasses(lab, 1);
      slowest = Math.max(slowest, await readMetric(lab, "spacegate_pass_duration_seconds"));
    }
    lab.findings.notes.push(`the slowest pass while the IKEv2 peer was dead: ${slowest.toFixed(2)} s`);
    check(slowest < PASS_LIMIT, `a dead peer should keep no pass waiting, the slowest took ${slowest.toFixed(2)} s`);
    checkOutage(lab, await watch.stop(), 2, "silent cut, IKEv2");
    await lab.restore(1);
    if (lab.routing === "vti") await untilCarrier(lab, 1, 60);
    await untilWhole(lab, 60);
    checkEqual(movesOf(lab.agent).length - before, lab.routing === "vti" ? 2 : 1, "moves of traffic");
  },
};
