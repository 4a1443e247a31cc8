import { systemClock } from "../../../agent/lib/clock.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { addPeerAddress } from "../peers.ts";
import { NEW_PSKS, type SampleTunnel, TUNNELS } from "../sample.ts";
import { startSteady } from "../steady.ts";
import { atHeroku, vpnCommand, vpnEnvironment } from "../vpn.ts";
import type { Scenario } from "./scenario.ts";

/** In the network of the old address. */
const newAddress = ({ address }: SampleTunnel): string => address.replace(/\d+$/, "200");

const newPsk = ({ index }: SampleTunnel): string => NEW_PSKS[index - 1] ?? "";

/** The VPN gateways of the old connection are gone: nothing answers to its PSKs, and its SAs are ended. */
const endOldGateways = async (lab: Lab): Promise<void> => {
  for (const tunnel of TUNNELS) {
    const moved = { ...tunnel, psk: newPsk(tunnel) };
    await addPeerAddress(lab.peer(tunnel.index), moved, newAddress(tunnel), lab.processes);
    await lab.deleteFromPeer(tunnel.index);
  }
};

const untilStatus = (lab: Lab, status: string | undefined): Promise<void> =>
  waitUntil(`Heroku to say ${status ?? "not found"}`, 60, async () => {
    const shown = (await atHeroku(lab))?.status;
    return shown === status ? { done: true, value: undefined } : { done: false, seen: `it says ${shown}` };
  });

export const vpnRotateAddress: Scenario = {
  name: "vpn-rotate-address",
  title: "After `vpn rotate` both VPN gateways have other addresses and PSKs, the old ones being dead; the agent finds its way",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 180,
  run: async (lab) => {
    await startSteady(lab);
    lab.heroku.update((state) => ({
      ...state,
      provisioning: { invisibleMs: 1000, pendingMs: 1000, provisioningMs: 8000, deprovisioningMs: 4000 },
      newTunnels: TUNNELS.map((tunnel) => ({ ip: newAddress(tunnel), pre_shared_key: newPsk(tunnel), status: "UP" })),
    }));
    lab.progress("spacegate vpn rotate");
    const argv = vpnCommand("rotate", "--confirm", "office", "--poll", "1s", "--timeout", "2m", "--json");
    const rotation = lab.processes.start("vpn-rotate", lab.gateway.inside(argv), vpnEnvironment(lab));
    await untilStatus(lab, "deprovisioning");
    const startedAt = systemClock.monotonic();
    lab.progress("the old VPN gateways are gone");
    await endOldGateways(lab);
    await untilStatus(lab, "active");
    const activeAt = systemClock.monotonic();
    await waitUntil("`vpn rotate` to end", 90, () => {
      const code = rotation.exitCode();
      return code === undefined ? { done: false, seen: rotation.output().slice(-200) } : { done: true, value: code };
    });
    const endedAt = systemClock.monotonic();
    checkEqual(rotation.exitCode(), 0, `exit code of the rotation (${rotation.output().trim()})`);
    check(/"agent":"passing"/.test(rotation.output()), `the agent should be followed until it passes: ${rotation.output()}`);
    const { tunnels } = await untilWhole(lab);
    lab.findings.tunnels = tunnels;
    checkEqual(tunnels.map(({ address }) => address).sort(), TUNNELS.map(newAddress).sort(), "the addresses in use");
    const { received, sent } = await lab.ping(10);
    lab.findings.ping = { sent, received };
    checkEqual(received, sent, "pings after the rotation");
    lab.findings.notes.push(
      `without traffic for ${((endedAt - startedAt) / 1000).toFixed(1)} s, ${((endedAt - activeAt) / 1000).toFixed(1)} s of them after Heroku was done`,
    );
  },
};
