import { check, checkEqual, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import type { Scenario } from "./scenario.ts";

const childOfTunnel1 = async (lab: Lab): Promise<string | undefined> => (await lab.tunnelsFromCharon())[0]?.child;

/** Other scenarios rest on these tools, so it is proven that they do what they say. */
export const tools: Scenario = {
  name: "tools",
  title: "The lab can cut a link silently, restore it, and let a VPN gateway delete its SAs",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await lab.startByHand();
    lab.progress("cutting tunnel 1 for a second and a half");
    const watch = lab.watchPings();
    await lab.sleep(0.5);
    await lab.cut(1);
    await lab.sleep(1.5);
    await lab.restore(1);
    await lab.sleep(0.5);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    const gap = series.longestGapSeconds;
    check(gap > 1.3 && gap < 3, `the longest gap should be about 1.5 s, found ${gap.toFixed(2)} s`);
    check(series.packets.at(-1)?.answered === true, "the last ping should be answered again");
    checkEqual(await childOfTunnel1(lab), "INSTALLED", "a silent cut leaves the CHILD_SA");
    lab.progress("deleting the SAs of tunnel 1 from its VPN gateway");
    await lab.deleteFromPeer(1);
    await waitUntil("the gateway to lose its CHILD_SA", 10, async () => {
      const seen = await childOfTunnel1(lab);
      return seen === "NONE" ? { done: true, value: undefined } : { done: false, seen: String(seen) };
    });
  },
};
