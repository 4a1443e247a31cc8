import { changePeerConf } from "../peer-conf.ts";
import { changePeerPsk } from "../peers.ts";
import { type Break, proveReasons } from "../reasons.ts";
import { NEW_PSKS, TUNNELS } from "../sample.ts";
import type { Scenario } from "./scenario.ts";

const wrongPsk: Break["cause"] = async (lab, tunnel) => {
  const own = TUNNELS[tunnel === 1 ? 0 : 1];
  await changePeerPsk(lab.peer(tunnel), own, NEW_PSKS[0], lab.processes);
  return () => changePeerPsk(lab.peer(tunnel), own, own.psk, lab.processes);
};

const peerHas =
  (key: string, value: string): Break["cause"] =>
  (lab, tunnel) =>
    changePeerConf(lab, tunnel, key, value);

const OTHER_PROPOSAL = "aes128-sha1-modp2048!";

const MISMATCHES: readonly Break[] = [
  {
    what: "the VPN gateway has another IKE proposal",
    code: "proposal-mismatch",
    fix: /proposals/,
    cause: peerHas("ike", OTHER_PROPOSAL),
  },
  {
    what: "the VPN gateway has another ESP proposal",
    code: "proposal-mismatch",
    fix: /proposals/,
    cause: peerHas("esp", OTHER_PROPOSAL),
  },
  {
    what: "the VPN gateway has other networks",
    code: "selector-mismatch",
    fix: /routable_cidrs/,
    cause: peerHas("leftsubnet", "10.9.0.0/16"),
  },
];

const UNKNOWN_IDENTITY: Break = {
  what: "the VPN gateway knows this one by another identity",
  code: "authentication-refused",
  fix: /PSK/,
  cause: peerHas("rightid", "203.0.113.99"),
};

export const reasonRefused: Scenario = {
  name: "reason-refused",
  title: "IKEv1: a wrong PSK, identity, proposal or network is told by name, with what to do",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 400,
  run: (lab) =>
    proveReasons(lab, 1, [
      { what: "the VPN gateway has another PSK", code: "wrong-psk", fix: /SIGHUP/, cause: wrongPsk },
      UNKNOWN_IDENTITY,
      ...MISMATCHES,
    ]),
};

export const reasonRefusedIkev2: Scenario = {
  name: "reason-refused-ikev2",
  slow: true,
  title: "IKEv2: a wrong PSK, identity, proposal or network is told by name, with what to do",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 400,
  run: (lab) =>
    proveReasons(lab, 2, [
      // The other side decrypts first, so it is the one that refuses.
      { what: "the VPN gateway has another PSK", code: "authentication-refused", fix: /PSK/, cause: wrongPsk },
      UNKNOWN_IDENTITY,
      ...MISMATCHES,
    ]),
};
