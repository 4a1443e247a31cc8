import { check } from "../check.ts";
import { checkOutage, movesOf, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { untilHealth, untilWhole } from "../health.ts";
import { checkNoLoss } from "../ping.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

export const failoverDelete: Scenario = {
  name: "failover-delete",
  title: "When the carrier's SAs are deleted by the peer, traffic moves in under half a second and the tunnel is repaired",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    const before = movesOf(lab.agent).length;
    lab.progress("the VPN gateway of tunnel 1 deletes its SAs, as for maintenance");
    const watch = lab.watchPings(0.02);
    await lab.sleep(1);
    await lab.deleteFromPeer(1);
    await untilHealth(lab, "tunnel 2 as the carrier, or tunnel 1 again", 10, ({ tunnels }) =>
      tunnels.some(({ carrier, child }) => carrier && child === "INSTALLED"),
    );
    await untilWhole(lab);
    await lab.sleep(1);
    checkOutage(lab, await watch.stop(), 0.5, "DELETE from the peer");
    const moves = movesOf(lab.agent).slice(before);
    check(
      moves.length > 0 && moves[0]?.includes("CHILD_SA is gone") === true,
      `traffic should have moved, found ${moves.join("; ")}`,
    );
    if (lab.routing === "policy") return;
    const back = lab.watchPings();
    await untilCarrier(lab, 1, 40);
    await lab.sleep(0.5);
    checkNoLoss(await back.stop(), "while traffic came back");
  },
};
