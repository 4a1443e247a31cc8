import { systemClock } from "../../../agent/lib/clock.ts";
import { checkEqual, waitUntil } from "../check.ts";
import { type Health, isWhole, untilHealth } from "../health.ts";
import type { Lab } from "../lab.ts";
import { untilPasses } from "../metrics.ts";
import { addPeerAddress } from "../peers.ts";
import { checkNoLoss } from "../ping.ts";
import { SAMPLE, type SampleTunnel } from "../sample.ts";
import { ikeIdsTo, roles } from "../standby.ts";
import { askSourceNow, startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

/** In the network of the old address. */
const newAddress = ({ address }: SampleTunnel): string => address.replace(/\d+$/, "200");

const untilNoSasTo = (lab: Lab, address: string): Promise<void> =>
  waitUntil(`the SAs to ${address} to be gone`, 20, async () => {
    const ids = await ikeIdsTo(lab, address);
    return ids.length === 0 ? { done: true, value: undefined } : { done: false, seen: `IKE_SAs ${ids.join(", ")}` };
  });

const move = async (lab: Lab, tunnel: SampleTunnel, address: string): Promise<Health> => {
  lab.progress(`VPN gateway ${tunnel.index} moves to ${address}`);
  await addPeerAddress(lab.peer(tunnel.index), tunnel, address, lab.processes);
  const startedAt = systemClock.monotonic();
  lab.heroku.updateTunnel(tunnel.index, { ip: address });
  askSourceNow(lab.agent);
  const isThere = (one: Health) => isWhole(lab, one) && one.tunnels[tunnel.index - 1]?.address === address;
  const health = await untilHealth(lab, `tunnel ${tunnel.index} to ${address}`, 40, isThere);
  const seconds = (systemClock.monotonic() - startedAt) / 1000;
  lab.findings.notes.push(`the API's new address to a tunnel that is proven to pass: ${seconds.toFixed(2)} s`);
  return health;
};

const checkDevices = async (lab: Lab, old: string, now: string): Promise<void> => {
  const { stdout } = await lab.inGateway(["ip", "-o", "link", "show", "type", "vti"]);
  const found = { old: stdout.includes(old), now: stdout.includes(`${SAMPLE.gateway} peer ${now}`) };
  checkEqual(found, { old: false, now: true }, "the addresses of the VTI devices");
};

export const rotateAddress: Scenario = {
  name: "rotate-address",
  title: "A VPN gateway's new address comes into force without a lost ping and without touching the carrier",
  engines: ["native", "uml"],
  run: async (lab) => {
    await startSteady(lab);
    const { carrier, standby } = await roles(lab);
    const carrying = await ikeIdsTo(lab, carrier.address);
    const address = newAddress(standby);
    const watch = lab.watchPings();
    const health = await move(lab, standby, address);
    await untilNoSasTo(lab, standby.address);
    await untilPasses(lab, 2);
    lab.findings.tunnels = health.tunnels;
    checkEqual((await ikeIdsTo(lab, address)).length, 1, "IKE_SAs to the new address");
    checkEqual(await ikeIdsTo(lab, carrier.address), carrying, "the carrier's IKE_SA");
    checkEqual(health.carrier, carrier.index, "the carrier");
    await checkDevices(lab, standby.address, address);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while the address changed");
  },
};
