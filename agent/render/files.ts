import { OWN_HEADER } from "../lib/own-header.ts";
import { Secret } from "../lib/secret.ts";
import type { Desired, DesiredFile, DesiredTunnel } from "../model/desired.ts";
import { DEBIAN_PATHS, type StrongswanPaths } from "../model/paths.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { type CheckedView, checkView, fill, type TemplateTexts, type View } from "./templates.ts";

/** Unquoted 0s and padded base64: the only form in ipsec.secrets that no PSK can break out of. */
const quotePsk = (psk: Secret): string => `0s${Buffer.from(psk.reveal(), "utf8").toString("base64")}`;

/** charon begins to renew keys 9 to 18 minutes before their end; shorter ones would never be renewed, only end. */
const SHORT_S = 1800;

/** A sixth of the shorter lifetime, which charon's fuzz makes a third at most; undefined where charon's own margin does. */
const marginOf = ({ ikeLifetimeS, childLifetimeS }: DesiredTunnel): string | undefined => {
  const shorter = Math.min(ikeLifetimeS, childLifetimeS);
  return shorter < SHORT_S ? `${Math.floor(shorter / 6)}s` : undefined;
};

const tunnelView = (tunnel: DesiredTunnel, psk: string): View => ({
  conn: tunnel.conn,
  space: tunnel.ref.space,
  name: tunnel.ref.name,
  index: String(tunnel.index),
  keyexchange: tunnel.ikeVersion === 1 ? "ikev1" : "ikev2",
  // IKEv2 renews its keys without authenticating anew, which would break before it makes.
  reauth: tunnel.ikeVersion === 2 ? "no" : undefined,
  ike: tunnel.ikeProposal,
  esp: tunnel.espProposal,
  ikelifetime: `${tunnel.ikeLifetimeS}s`,
  lifetime: tunnel.childLifetimeS % 3600 === 0 ? `${tunnel.childLifetimeS / 3600}h` : `${tunnel.childLifetimeS}s`,
  margintime: marginOf(tunnel),
  local: tunnel.local,
  localTs: tunnel.localTs,
  remote: tunnel.remote,
  remoteTs: tunnel.remoteTs,
  dpddelay: String(tunnel.dpdDelayS),
  dpdtimeout: String(tunnel.dpdTimeoutS),
  mark: tunnel.mark === undefined ? undefined : String(tunnel.mark),
  psk,
});

/** The agent knows its own files by their first line, so a template that leaves it out gets it all the same. */
const withHeader = (text: string): string =>
  text.startsWith(OWN_HEADER) ? text : `${OWN_HEADER} DO NOT EDIT: changes are put back.\n${text}`;

type FileRole = Exclude<DesiredFile["role"], "include">;

interface Target {
  readonly role: FileRole;
  readonly path: string;
  readonly mode: number;
}

/** ipsec.conf first: it is the one that can be refused, and then nothing else has changed. */
const targets = (mode: Desired["installMode"], paths: StrongswanPaths): readonly [Target, Target, Target] => {
  const own = mode === "own";
  return [
    { role: "ipsec.conf", path: own ? paths.conf : `${paths.includeDirectory}/spacegate.conf`, mode: 0o644 },
    { role: "ipsec.secrets", path: own ? paths.secrets : `${paths.includeDirectory}/spacegate.secrets`, mode: 0o600 },
    { role: "strongswan.conf", path: paths.daemonFragment, mode: 0o644 },
  ];
};

/**
 * The files of a desired host, in the order in which they are written.
 * `content` has the PSKs, `shown` has "<psk FINGERPRINT>" in their place.
 */
export const renderFiles = (
  desired: Desired,
  templates: TemplateTexts,
  fingerprint: Fingerprint,
  paths: StrongswanPaths = DEBIAN_PATHS,
): DesiredFile[] => {
  const viewWith = (psk: (secret: Secret) => string): CheckedView =>
    checkView({
      own: desired.installMode === "own" ? "yes" : undefined,
      vti: desired.tunnels.some((tunnel) => tunnel.routing === "vti") ? "yes" : undefined,
      tunnels: desired.tunnels.map((tunnel) => tunnelView(tunnel, psk(tunnel.psk))),
    });
  const real = viewWith(quotePsk);
  const shown = viewWith((psk) => `<psk ${fingerprint(psk)}>`);
  const text = (role: FileRole, view: CheckedView): string => withHeader(fill(role, templates[role], view));
  return targets(desired.installMode, paths).map(({ role, path, mode }) => ({
    role,
    path,
    mode,
    content: new Secret(text(role, real)),
    shown: text(role, shown),
  }));
};
