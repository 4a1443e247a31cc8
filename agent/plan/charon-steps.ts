import type { Secret } from "../lib/secret.ts";
import type { Desired, DesiredFile } from "../model/desired.ts";
import { connDifference } from "../model/loaded.ts";
import type { Observed, ObservedCharon } from "../model/observed.ts";
import type { Loaded, Step } from "../model/step.ts";
import { isOwnConn } from "./naming.ts";
import { isLiveChild } from "./tunnel-steps.ts";

type Running = Extract<ObservedCharon, { kind: "running" }>;

/** Whether charon began before the newest form of its own configuration was there. */
export const fragmentIsNewer = (files: readonly DesiredFile[], observed: Observed, charon: Running): boolean => {
  const fragment = files.find((file) => file.role === "strongswan.conf");
  if (!fragment) return false;
  const found = observed.files[fragment.path];
  if (!found?.content.equals(fragment.content)) return true;
  return charon.startedAt !== undefined && found.modifiedAt > charon.startedAt;
};

const carriesTraffic = (charon: Running): boolean =>
  // While keys are renewed an IKE_SA is not ESTABLISHED, and its CHILD_SA carries all the same.
  charon.sas.some((ike) => ike.state === "ESTABLISHED" || ike.childSas.some(isLiveChild));

const connsDiffer = (desired: Desired, charon: Running): boolean => {
  // Without VICI there is no list of loaded conns to compare with; the ledger alone decides then.
  if (charon.via !== "vici") return false;
  const held = new Map(charon.conns.map((conn) => [conn.name, conn]));
  const wanted = new Set(desired.tunnels.map((tunnel) => tunnel.conn));
  return (
    desired.tunnels.some((tunnel) => connDifference(tunnel, held.get(tunnel.conn)) !== "") ||
    charon.conns.some((conn) => isOwnConn(conn.name) && !wanted.has(conn.name))
  );
};

const fingerprints = (files: readonly DesiredFile[], role: DesiredFile["role"], hash: (text: Secret) => string): Loaded =>
  Object.fromEntries(files.filter((file) => file.role === role).map((file) => [file.path, hash(file.content)]));

const isLoaded = (texts: Loaded, observed: Observed): boolean =>
  Object.entries(texts).every(([path, text]) => observed.ledger.loaded[path] === text);

export interface CharonOptions {
  /** True where the agent, not an init system, looks after charon's process. */
  readonly standalone: boolean;
  readonly hash: (text: Secret) => string;
}

/** What must happen so that charon runs with what is on disk. A charon with tunnels is never restarted. */
export const charonSteps = (
  desired: Desired,
  files: readonly DesiredFile[],
  observed: Observed,
  { standalone, hash }: CharonOptions,
): Step[] => {
  const { charon } = observed;
  const secrets = fingerprints(files, "ipsec.secrets", hash);
  const conns = fingerprints(files, "ipsec.conf", hash);
  const fragment = fingerprints(files, "strongswan.conf", hash);
  const all = { ...fragment, ...secrets, ...conns };
  if (charon.kind === "absent") return standalone ? [{ kind: "start-charon", tunnels: desired.tunnels, loaded: all }] : [];
  // Times alone could ask for a restart again and again, after a file from the future: once restarted with it is enough.
  if (fragmentIsNewer(files, observed, charon) && !isLoaded(fragment, observed) && !carriesTraffic(charon))
    return [
      { kind: "restart-charon", why: "its own configuration changed and no tunnel is up", tunnels: desired.tunnels, loaded: all },
    ];
  const steps: Step[] = [];
  if (!isLoaded(secrets, observed)) steps.push({ kind: "reread-secrets", loaded: secrets });
  if (!isLoaded(conns, observed) || connsDiffer(desired, charon))
    steps.push({ kind: "update-conns", tunnels: desired.tunnels, loaded: conns });
  return steps;
};
