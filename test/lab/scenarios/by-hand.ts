import { checkEqual } from "../check.ts";
import type { Scenario } from "./scenario.ts";

export const byHand: Scenario = {
  name: "by-hand",
  title: "The documented configuration, without the agent, carries 20 pings",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    lab.progress("configuring the gateway by hand");
    await lab.startByHand();
    const tunnels = await lab.tunnelsFromCharon();
    lab.findings.tunnels = tunnels;
    const expected = lab.routing === "vti" ? ["INSTALLED", "INSTALLED"] : ["INSTALLED", "NONE"];
    checkEqual(
      tunnels.map(({ child }) => child),
      expected,
      "the CHILD_SAs",
    );
    lab.progress("20 pings from the LAN to the dyno");
    const { sent, received } = await lab.ping(20);
    lab.findings.ping = { sent, received };
    checkEqual({ sent, received }, { sent: 20, received: 20 }, "the pings");
  },
};
