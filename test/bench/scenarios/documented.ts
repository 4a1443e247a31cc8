import { check, waitUntil } from "../../lab/check.ts";
import type { Lab } from "../../lab/lab.ts";
import type { Scenario } from "../../lab/scenarios/scenario.ts";
import { findCarrier, measureOutage, repeatOutage } from "../outage.ts";

const bringUp = async (lab: Lab, tunnel: 1 | 2): Promise<void> => {
  const { stdout } = await lab.inGateway(["ipsec", "up", `vpn${tunnel}`]);
  check(stdout.includes("established successfully"), `ipsec up vpn${tunnel} failed:\n${stdout}`);
};

/** charon would need up to 76 s by itself to try again. */
const repair = async (lab: Lab, tunnel: 1 | 2): Promise<void> => {
  await lab.restore(tunnel);
  await lab.inGateway(["ipsec", "down", `vpn${tunnel}`]);
  await bringUp(lab, tunnel);
  await waitUntil("both tunnels to be up once", 20, async () => {
    const names = (await lab.sas()).filter(({ children }) => children.some(({ state }) => state === "INSTALLED"));
    const done = names.length === 2 && new Set(names.map(({ name }) => name)).size === 2;
    return done ? { done, value: undefined } : { done, seen: names.map(({ name }) => name).join(", ") };
  });
};

/** The documented configuration at its best: both tunnels are up when the one that carries is cut. */
export const documented: Scenario = {
  name: "documented",
  title: "The documented configuration, DPD 10/30, without an agent: a silent cut",
  engines: ["libipsec"],
  timeoutSeconds: 900,
  run: async (lab) => {
    await lab.startByHand();
    await bringUp(lab, 2);
    await repeatOutage(lab, "documented", async () => {
      const carrier = await findCarrier(lab);
      const seconds = await measureOutage(lab, () => lab.cut(carrier), 90);
      await repair(lab, carrier);
      return seconds;
    });
  },
};
