import type { Lab } from "../../lab/lab.ts";
import type { Scenario } from "../../lab/scenarios/scenario.ts";
import { startAws, untilAwsIsUp } from "../aws.ts";
import { findCarrier, measureOutage, repeatOutage } from "../outage.ts";

/** charon would need up to 76 s by itself to try again. */
const repair = async (lab: Lab, tunnel: 1 | 2): Promise<void> => {
  await lab.restore(tunnel);
  await lab.inGateway(["ipsec", "down", `Tunnel${tunnel}`]);
  await lab.inGateway(["ipsec", "up", `Tunnel${tunnel}`]);
  await untilAwsIsUp(lab);
};

export const aws: Scenario = {
  name: "aws",
  title: "AWS's generated VTI configuration with its heartbeat, DPD 10/30, without an agent: a silent cut",
  engines: ["native", "uml"],
  timeoutSeconds: 900,
  run: async (lab) => {
    await startAws(lab);
    await repeatOutage(lab, "aws", async () => {
      const carrier = await findCarrier(lab);
      const seconds = await measureOutage(lab, () => lab.cut(carrier), 90);
      await repair(lab, carrier);
      return seconds;
    });
  },
};
