import { check, waitUntil } from "./check.ts";
import type { Lab } from "./lab.ts";
import { CHARON_LOG } from "./strongswan.ts";

const CONF = "/etc/ipsec.conf";

const additions = async (lab: Lab, tunnel: 1 | 2): Promise<number> =>
  (await lab.peer(tunnel).read(CHARON_LOG)).match(/added configuration/g)?.length ?? 0;

/**
 * Changes one setting of a VPN gateway's conn; SAs that are up stay, and the next negotiation goes by the new value. Returns
 * what puts the old value back.
 */
export const changePeerConf = async (lab: Lab, tunnel: 1 | 2, key: string, value: string): Promise<() => Promise<void>> => {
  const peer = lab.peer(tunnel);
  const before = await peer.read(CONF);
  const load = async (text: string): Promise<void> => {
    check(text !== (await peer.read(CONF)), `${key}=${value} should change ${CONF} of VPN gateway ${tunnel}`);
    const loaded = await additions(lab, tunnel);
    await peer.write(CONF, text);
    await lab.processes.run(peer.inside(["ipsec", "update"]));
    await waitUntil(`VPN gateway ${tunnel} to take ${key}=${value}`, 10, async () =>
      (await additions(lab, tunnel)) > loaded ? { done: true, value: undefined } : { done: false, seen: "not loaded" },
    );
  };
  // Of two lines with one key the later one counts.
  await load(`${before}  ${key}=${value}\n`);
  return () => load(before);
};
