import { systemClock } from "../../../agent/lib/clock.ts";
import { check } from "../check.ts";
import { checkOutage, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { restartPeer } from "../faults.ts";
import { untilWhole } from "../health.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

/** Seconds; charon's own dead peer detection begins to act after thirty. */
const REBUILT_WITHIN = 20;

export const failoverPeerRestart: Scenario = {
  name: "failover-peer-restart",
  title: "A VPN gateway that restarts and has forgotten its SAs is left at once, and its tunnel is rebuilt before DPD would act",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    const watch = lab.watchPings(0.02);
    await lab.sleep(1);
    lab.progress("killing charon of VPN gateway 1 and starting it again");
    const startedAt = systemClock.monotonic();
    await restartPeer(lab, 1);
    await untilCarrier(lab, 2);
    await lab.sleep(1);
    await untilWhole(lab, 40);
    const seconds = (systemClock.monotonic() - startedAt) / 1000;
    lab.findings.notes.push(`the peer's death to every wanted tunnel being proven to pass: ${seconds.toFixed(2)} s`);
    check(seconds < REBUILT_WITHIN, `the tunnel should be rebuilt within ${REBUILT_WITHIN} s, it took ${seconds.toFixed(1)} s`);
    if (lab.routing === "vti") await untilCarrier(lab, 1, 60);
    await lab.sleep(0.5);
    checkOutage(lab, await watch.stop(), 2, "restart of the peer");
  },
};
