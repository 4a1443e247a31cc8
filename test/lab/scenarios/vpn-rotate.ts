import { check, checkEqual, waitUntil } from "../check.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { changePeerPsk } from "../peers.ts";
import { checkNoLoss } from "../ping.ts";
import { NEW_PSKS, SAMPLE, TUNNELS } from "../sample.ts";
import { startSteady } from "../steady.ts";
import { atHeroku, vpnCommand, vpnEnvironment } from "../vpn.ts";
import type { Scenario } from "./scenario.ts";

const KEY = `${SAMPLE.space}/${SAMPLE.connection}`;
const RECORD = `/var/lib/spacegate/rotate-${SAMPLE.space}.json`;

/** Heroku's minutes in seconds; the new connection ends at the same VPN gateways, with new PSKs. */
const prepareHeroku = (lab: Lab): void =>
  lab.heroku.update((state) => ({
    ...state,
    provisioning: { invisibleMs: 2000, pendingMs: 3000, provisioningMs: 6000, deprovisioningMs: 4000 },
    newTunnels: TUNNELS.map(({ address }, place) => ({ ip: address, pre_shared_key: NEW_PSKS[place], status: "UP" })),
  }));

const rotate = (lab: Lab, ...options: string[]) =>
  lab.processes.start(
    "vpn-rotate",
    lab.gateway.inside(vpnCommand("rotate", "--poll", "1s", "--timeout", "2m", ...options)),
    vpnEnvironment(lab),
  );

const untilRemoved = (lab: Lab): Promise<void> =>
  waitUntil("Heroku to remove the connection", 20, async () => {
    const status = (await atHeroku(lab))?.status;
    return status === "deprovisioning" ? { done: true, value: undefined } : { done: false, seen: `it is ${status}` };
  });

/** Killed with -9 when Heroku has begun to remove: what is needed to go on must be on disk by then. */
const killInBetween = async (lab: Lab): Promise<void> => {
  lab.progress("spacegate vpn rotate, killed as soon as Heroku removes the connection");
  const first = rotate(lab, "--confirm", SAMPLE.connection);
  await untilRemoved(lab);
  await first.kill();
  const record = JSON.parse(await lab.gateway.read(RECORD)) as { publicIp: string; routableCidrs: string[] };
  checkEqual([record.publicIp, record.routableCidrs], [SAMPLE.gateway, [SAMPLE.localSubnet]], "what the record keeps");
};

const untilActiveAnew = (lab: Lab): Promise<void> =>
  waitUntil("the new connection to be active at Heroku", 60, async () => {
    const shown = await atHeroku(lab);
    const psks = JSON.stringify(shown?.tunnels ?? "");
    const done = shown?.status === "active" && psks.includes(NEW_PSKS[0]);
    return done ? { done, value: undefined } : { done: false, seen: `it is ${shown?.status ?? "not found"}` };
  });

/** Heroku's end takes the new PSKs and ends what the old ones made, as new VPN gateways would. */
const switchPeers = async (lab: Lab): Promise<void> => {
  for (const tunnel of TUNNELS) {
    await changePeerPsk(lab.peer(tunnel.index), tunnel, NEW_PSKS[tunnel.index - 1] ?? "", lab.processes);
    await lab.deleteFromPeer(tunnel.index);
  }
};

export const vpnRotate: Scenario = {
  name: "vpn-rotate",
  title:
    "`vpn rotate`, killed half-way and run again, keeps CIDRs and address; the agent drops nothing before the new details are there",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 180,
  run: async (lab) => {
    await startSteady(lab);
    prepareHeroku(lab);
    const [conf, before] = [await lab.gateway.read("/etc/ipsec.conf"), (await lab.sas()).map(({ id }) => id)];
    const watch = lab.watchPings();
    await killInBetween(lab);
    lab.progress("spacegate vpn rotate again, without a confirmation");
    const second = rotate(lab, "--json");
    await waitUntil("Heroku to make it anew", 30, async () => {
      const status = (await atHeroku(lab))?.status;
      return status === "pending" || status === "provisioning"
        ? { done: true, value: undefined }
        : { done: false, seen: `${status}` };
    });
    checkEqual(await lab.gateway.read("/etc/ipsec.conf"), conf, "ipsec.conf while Heroku has no connection");
    checkEqual(
      (await lab.sas()).map(({ id }) => id),
      before,
      "IKE_SAs while Heroku has no connection",
    );
    const series = await watch.stop();
    checkNoLoss(series, "while Heroku removed and made the connection, as far as the agent goes");
    await untilActiveAnew(lab);
    lab.progress("the new connection is active: Heroku's end has the new PSKs from now on");
    await switchPeers(lab);
    await waitUntil("`vpn rotate` to end", 60, () => {
      const code = second.exitCode();
      return code === undefined ? { done: false, seen: second.output().slice(-200) } : { done: true, value: code };
    });
    checkEqual(second.exitCode(), 0, `exit code of the rotation (${second.output().trim()})`);
    check(/"agent":"passing"/.test(second.output()), `the agent should be followed until it passes: ${second.output()}`);
    const health = await untilWhole(lab);
    lab.findings.tunnels = health.tunnels;
    checkEqual(await lab.gateway.read(RECORD), "", "the record, once the rotation is done");
    const { public_ip, routable_cidrs, name } = (await atHeroku(lab)) ?? {};
    checkEqual(
      [`${SAMPLE.space}/${name}`, public_ip, routable_cidrs],
      [KEY, SAMPLE.gateway, [SAMPLE.localSubnet]],
      "what was kept",
    );
    const { received, sent } = await lab.ping(10);
    lab.findings.ping = { sent, received };
    checkEqual(received, sent, "pings after the rotation");
  },
};
