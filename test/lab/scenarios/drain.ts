import { agentCommand, programCommand } from "../agent.ts";
import { check, checkEqual } from "../check.ts";
import { untilHealth, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { startSteady } from "../steady.ts";
import { CHARON_LOG } from "../strongswan.ts";
import type { Scenario } from "./scenario.ts";

const drain = (lab: Lab, ...more: string[]) => lab.inGateway(programCommand("drain", ...more), true);

/** How often the VPN gateways were told that an IKE_SA ends. */
const deletesSeen = async (lab: Lab): Promise<number> => {
  const logs = await Promise.all(lab.peers.map((peer) => peer.read(CHARON_LOG)));
  return logs.join("\n").split(/received DELETE for IKE_SA/).length - 1;
};

const draining = async (lab: Lab): Promise<string> =>
  /^spacegate_draining (\S+)$/m.exec((await lab.http("/metrics"))?.body ?? "")?.[1] ?? "";

const announced = async (lab: Lab): Promise<void> => {
  lab.progress("spacegate drain --for 8s --yes");
  const ended = drain(lab, "--for", "8s", "--yes", "--json");
  const told = await untilHealth(lab, "503 while traffic passes", 20, ({ code, status }) => code === 503 && status === "ok");
  checkEqual(told.proven, lab.wantedTunnels, "tunnels that pass while the drain is announced");
  check(
    told.warnings.some(({ code }) => code === "draining"),
    "the warning draining should be there",
  );
  checkEqual((await lab.http("/readyz"))?.status, 503, "status of /readyz");
  checkEqual(await draining(lab), "1", "spacegate_draining");
  const { code, stdout, stderr } = await ended;
  checkEqual(code, 0, `exit code of the drain (${stderr.trim()})`);
  checkEqual(JSON.parse(stdout), { draining: true, closed: lab.wantedTunnels }, "what the drain tells");
};

export const drainScenario: Scenario = {
  name: "drain",
  title: "A drain is announced, closes the tunnels with a DELETE that the peers see, keeps them closed, and is taken back",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    const unasked = await drain(lab);
    checkEqual(unasked.code, 2, "exit code without --yes where nobody can be asked");
    await startSteady(lab);
    const before = await deletesSeen(lab);
    await announced(lab);
    checkEqual((await deletesSeen(lab)) - before, lab.wantedTunnels, "IKE_SAs that the VPN gateways were told to forget");
    lab.progress("nothing comes back by itself");
    await lab.sleep(12);
    const closed = await untilHealth(lab, "drained", 1, ({ code }) => code === 503);
    checkEqual(
      closed.tunnels.map(({ ike, child }) => `${ike} ${child}`),
      ["NONE NONE", "NONE NONE"],
      "the tunnels twelve seconds later",
    );
    const told = closed.warnings.map(({ code }) => code);
    check(told.includes("drained"), `the warning drained should be there: ${told}`);
    check(!told.some((code) => /^(tunnel|connection)-/.test(code)), `what is closed on purpose is no trouble: ${told}`);
    const { stdout } = await lab.inGateway(agentCommand("status"), true);
    check(/drain --cancel/.test(stdout), `spacegate status should say how to go back: ${stdout}`);
    lab.progress("spacegate drain --cancel");
    checkEqual((await drain(lab, "--cancel")).code, 0, "exit code of the cancel");
    await untilWhole(lab, 30);
    checkEqual(await draining(lab), "0", "spacegate_draining after the cancel");
  },
};
