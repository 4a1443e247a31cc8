import { systemClock } from "../../../agent/lib/clock.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { untilPasses } from "../metrics.ts";
import { changePeerPsk } from "../peers.ts";
import { checkNoLoss } from "../ping.ts";
import { NEW_PSKS, type SampleTunnel } from "../sample.ts";
import { ikeIdsTo, type Roles, roles } from "../standby.ts";
import { askSourceNow, startSteady } from "../steady.ts";
import { stepsFromNow } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

/** At the VPN gateway first, as when a connection is made anew; the API tells it afterwards. */
const rotate = async (lab: Lab, changes: readonly { tunnel: SampleTunnel; psk: string }[]): Promise<void> => {
  for (const { tunnel, psk } of changes) {
    await changePeerPsk(lab.peer(tunnel.index), tunnel, psk, lab.processes);
    lab.heroku.updateTunnel(tunnel.index, { pre_shared_key: psk });
  }
  askSourceNow(lab.agent);
};

/** The old IKE_SA stays for ten seconds more, as IKEv1 has it; the CHILD_SA is what tells. */
const untilReplaced = (lab: Lab, { index, address }: SampleTunnel, old: readonly number[]): Promise<void> =>
  waitUntil(`a new IKE_SA to hold the CHILD_SA of tunnel ${index}`, 30, async () => {
    const own = (await lab.sas()).filter(({ remote }) => remote === address);
    const done = own.some(({ id, state, children }) => !old.includes(id) && state === "ESTABLISHED" && children.length > 0);
    return done ? { done, value: undefined } : { done, seen: JSON.stringify(own) };
  });

const untilSecretsAreTaken = (steps: () => readonly string[]): Promise<void> =>
  waitUntil("the agent to take the new PSK", 20, () => {
    const done = steps().some((step) => step.startsWith("reread-secrets"));
    return done ? { done, value: undefined } : { done, seen: steps().join("; ") };
  });

/** Nothing but the SAs of that tunnel may change; with policy routing it has none. */
const rotateStandby = async (lab: Lab, { carrier, standby }: Roles): Promise<void> => {
  lab.progress(`a new PSK for tunnel ${standby.index}, which does not carry`);
  const [carrying, old] = [await ikeIdsTo(lab, carrier.address), await ikeIdsTo(lab, standby.address)];
  const steps = stepsFromNow(lab.agent);
  await rotate(lab, [{ tunnel: standby, psk: NEW_PSKS[0] }]);
  await untilSecretsAreTaken(steps);
  if (old.length > 0) await untilReplaced(lab, standby, old);
  await untilPasses(lab, 2);
  checkEqual(await ikeIdsTo(lab, carrier.address), carrying, "the carrier's IKE_SA");
};

const lastTouch = (steps: readonly string[], { index }: SampleTunnel): number =>
  steps.findLastIndex((step) => /^(reauthenticate|initiate)/.test(step) && step.includes(`.office.${index}`));

const rotateBoth = async (lab: Lab, { carrier, standby }: Roles): Promise<void> => {
  lab.progress("a new PSK for both tunnels at once");
  const [carrying, old] = [await ikeIdsTo(lab, carrier.address), await ikeIdsTo(lab, standby.address)];
  const steps = stepsFromNow(lab.agent);
  const startedAt = systemClock.monotonic();
  await rotate(lab, [
    { tunnel: carrier, psk: NEW_PSKS[1] },
    { tunnel: standby, psk: standby.psk },
  ]);
  if (old.length > 0) await untilReplaced(lab, standby, old);
  await untilReplaced(lab, carrier, carrying);
  const seconds = (systemClock.monotonic() - startedAt) / 1000;
  lab.findings.notes.push(`new PSKs for both tunnels to the carrier authenticated anew: ${seconds.toFixed(2)} s`);
  if (old.length === 0) return;
  const [first, second] = [lastTouch(steps(), standby), lastTouch(steps(), carrier)];
  check(first >= 0 && first < second, `the carrier should be changed last, found ${steps().join("; ")}`);
};

export const rotatePsk: Scenario = {
  name: "rotate-psk",
  title: "New PSKs come into force one tunnel at a time, the carrier last, without a lost ping",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab);
    const both = await roles(lab);
    const watch = lab.watchPings();
    await rotateStandby(lab, both);
    await rotateBoth(lab, both);
    await untilPasses(lab, 2);
    await untilWhole(lab);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while PSKs were changed");
  },
};
