import { check, waitUntil } from "../../lab/check.ts";
import { checkOutage } from "../../lab/failover.ts";
import { untilHealth, untilWhole } from "../../lab/health.ts";
import { failoverAgentKilled } from "../../lab/scenarios/failover-agent-killed.ts";
import { failoverCut } from "../../lab/scenarios/failover-cut.ts";
import { failoverDelete } from "../../lab/scenarios/failover-delete.ts";
import { failoverPeerRestart } from "../../lab/scenarios/failover-peer-restart.ts";
import { startSteady } from "../../lab/steady.ts";
import type { ImageLab } from "../image-lab.ts";
import type { ImageCheck } from "./check.ts";

/** Seconds without both tunnels: starter waits five before it starts another charon, which an emulated machine is slow to do. */
const WITHOUT_CHARON = 30;

const pidOfCharon = (lab: ImageLab): Promise<string> => lab.machine.shell("pidof charon || true");

const untilAnotherCharon = (lab: ImageLab, killed: string): Promise<void> =>
  waitUntil("another charon", 60, async () => {
    const pid = await pidOfCharon(lab);
    return pid !== "" && pid !== killed ? { done: true, value: undefined } : { done: false, seen: `charon is "${pid}"` };
  });

const charonKilled: ImageCheck = {
  name: "charon-killed",
  title: "A killed charon is told, started again by strongSwan, and both tunnels come back",
  run: async (lab) => {
    await startSteady(lab);
    const killed = await pidOfCharon(lab);
    check(killed !== "", "charon should run");
    const watch = lab.watchPings();
    await lab.machine.run("kill", "-KILL", killed);
    await untilHealth(lab, "charon-absent", 10, ({ warnings }) => warnings.some(({ code }) => code === "charon-absent"));
    await untilAnotherCharon(lab, killed);
    await untilWhole(lab, 90);
    await lab.sleep(1);
    checkOutage(lab, await watch.stop(), WITHOUT_CHARON, "charon killed");
  },
};

/** The lab's own scenarios, on a kernel with ESP, VTI, nftables and AppArmor, under systemd. */
export const failoverChecks: readonly ImageCheck[] = [
  failoverCut,
  failoverDelete,
  failoverPeerRestart,
  failoverAgentKilled,
  charonKilled,
];
