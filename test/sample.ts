import { readFileSync } from "node:fs";
import { Secret } from "../agent/lib/secret.ts";
import type { Connection, TunnelDetails } from "../agent/model/connection.ts";
import type { Desired, DesiredFile, DesiredTunnel } from "../agent/model/desired.ts";
import type { DesiredFirewall } from "../agent/model/firewall.ts";
import type {
  HostFacts,
  Observed,
  ObservedCharon,
  ObservedChild,
  ObservedConn,
  ObservedFile,
  ObservedIke,
} from "../agent/model/observed.ts";
import { DEBIAN_PATHS } from "../agent/model/paths.ts";
import { type Settings, settingsSchema } from "../agent/model/settings.ts";
import { type Carriers, type DesiredResult, desire } from "../agent/plan/desired.ts";
import { type Plan, type PlanInput, planSteps } from "../agent/plan/steps.ts";
import { renderFiles } from "../agent/render/files.ts";
import { fingerprintWith } from "../agent/render/fingerprint.ts";
import { TEMPLATE_NAMES, type TemplateTexts } from "../agent/render/templates.ts";

/** The values of Heroku's Dev Center article "Private Space VPN Connections". The PSKs open nothing. */
export const DOCUMENTED = {
  space: "acme-space",
  name: "office",
  local: "172.16.0.2",
  localSubnet: "172.16.0.0/16",
  spaceCidr: "10.0.0.0/16",
  publicIp: "52.91.173.226",
  remotes: ["34.203.187.158", "34.227.70.143"],
  psks: ["abcdef12345", "123456abcdef"],
} as const;

export const sampleTunnel = (index: 1 | 2, changes: Partial<TunnelDetails> = {}): TunnelDetails => ({
  index,
  ip: DOCUMENTED.remotes[index - 1] ?? "",
  customerIp: DOCUMENTED.publicIp,
  psk: new Secret(DOCUMENTED.psks[index - 1] ?? ""),
  status: "UP",
  statusMessage: "",
  lastStatusChange: "2016-10-25T22:09:05Z",
  ...changes,
});

export const sampleConnection = (changes: Partial<Connection> = {}): Connection => ({
  space: DOCUMENTED.space,
  name: DOCUMENTED.name,
  status: "active",
  statusMessage: "",
  ikeVersion: 1,
  publicIp: DOCUMENTED.publicIp,
  routableCidrs: [DOCUMENTED.localSubnet],
  spaceCidr: DOCUMENTED.spaceCidr,
  tunnels: [sampleTunnel(1), sampleTunnel(2)],
  ...changes,
});

/** Connection number `n` (0..999) of many: a name, a space block and tunnel addresses of its own. */
export const numberedConnection = (n: number): Connection =>
  sampleConnection({
    space: `space-${n}`,
    spaceCidr: `10.${2 + Math.floor(n / 64)}.${(n % 64) * 4}.0/22`,
    tunnels: [
      sampleTunnel(1, { ip: `34.1.${n >> 8}.${n & 255}` }),
      sampleTunnel(2, { ip: `34.2.${n >> 8}.${n & 255}`, psk: new Secret(`psk-of-${n}`) }),
    ],
  });

/** One entry of `connections` as a person would write it; what is left out takes its default. */
export const sampleEntry = (changes: object = {}): object => ({
  space: DOCUMENTED.space,
  name: DOCUMENTED.name,
  local: { address: DOCUMENTED.local, subnets: [DOCUMENTED.localSubnet] },
  ...changes,
});

/** The entries that fit these connections. */
export const entriesFor = (connections: readonly Connection[], changes: object = {}): object[] =>
  connections.map(({ space, name }) => sampleEntry({ space, name, ...changes }));

/** Settings as the file would give them. */
export const sampleSettings = (connections: readonly object[] = [sampleEntry()], changes: object = {}): Settings =>
  settingsSchema.parse({ connections, ...changes });

export const sampleFacts = (changes: Partial<HostFacts> = {}): HostFacts => ({
  vti: true,
  sourceAddress: Object.fromEntries(DOCUMENTED.remotes.map((remote) => [remote, DOCUMENTED.local])),
  addresses: [DOCUMENTED.local],
  devices: { [DOCUMENTED.local]: "eth0" },
  memoryBytes: 1_000_000_000,
  ...changes,
});

export const fingerprint = fingerprintWith(new Secret("the key of the tests"));

export const builtInTemplates = (): TemplateTexts =>
  Object.fromEntries(
    TEMPLATE_NAMES.map((name) => [name, readFileSync(new URL(`../templates/${name}.hbs`, import.meta.url), "utf8")]),
  ) as TemplateTexts;

/** Everything that a pass works with, before the host is looked at. */
export interface Sample {
  readonly settings: Settings;
  readonly result: DesiredResult;
  readonly desired: Desired;
  readonly files: readonly DesiredFile[];
  readonly carriers: Carriers;
}

export interface SampleOptions {
  readonly settings?: Settings;
  readonly connections?: readonly Connection[];
  readonly facts?: HostFacts;
  readonly carriers?: Carriers;
}

export const sample = ({
  settings = sampleSettings(),
  connections = [sampleConnection()],
  facts = sampleFacts(),
  carriers = {},
}: SampleOptions = {}): Sample => {
  const result = desire(settings, connections, facts, carriers);
  const files = renderFiles(result.desired, builtInTemplates(), fingerprint);
  return { settings, result, desired: result.desired, files, carriers };
};

/** The tunnel of that number; of the first connection when there are several. */
export const tunnelOf = ({ desired }: Pick<Sample, "desired">, index: 1 | 2): DesiredTunnel => {
  const tunnel = desired.tunnels.find((candidate) => candidate.index === index);
  if (!tunnel) throw new Error(`the sample has no tunnel ${index}`);
  return tunnel;
};

export const fileOf = ({ files }: Pick<Sample, "files">, role: DesiredFile["role"]): DesiredFile => {
  const file = files.find((candidate) => candidate.role === role);
  if (!file) throw new Error(`the sample has no file ${role}`);
  return file;
};

export const childUp = (tunnel: DesiredTunnel, changes: Partial<ObservedChild> = {}): ObservedChild => ({
  name: tunnel.conn,
  uniqueId: 100 + tunnel.index,
  state: "INSTALLED",
  encap: false,
  bytesIn: 0,
  bytesOut: 0,
  packetsIn: 0,
  packetsOut: 0,
  installS: 60,
  localTs: [tunnel.localTs],
  remoteTs: [tunnel.remoteTs],
  ...changes,
});

/** An IKE_SA that has been up for a minute, with its CHILD_SA. */
export const ikeUp = (tunnel: DesiredTunnel, changes: Partial<ObservedIke> = {}): ObservedIke => ({
  name: tunnel.conn,
  uniqueId: tunnel.index,
  version: tunnel.ikeVersion,
  state: "ESTABLISHED",
  localHost: tunnel.local,
  remoteHost: tunnel.remote,
  establishedS: 60,
  childSas: [childUp(tunnel)],
  ...changes,
});

export const loadedConn = (tunnel: DesiredTunnel, changes: Partial<ObservedConn> = {}): ObservedConn => ({
  name: tunnel.conn,
  version: tunnel.ikeVersion,
  localAddrs: [tunnel.local],
  remoteAddrs: [tunnel.remote],
  children: new Map([[tunnel.conn, { localTs: [tunnel.localTs], remoteTs: [tunnel.remoteTs] }]]),
  ...changes,
});

export const fileOnDisk = (text: string, changes: Partial<ObservedFile> = {}): ObservedFile => ({
  content: new Secret(text),
  mode: 0o644,
  modifiedAt: 1000,
  ...changes,
});

export const filesOnDisk = (files: readonly DesiredFile[]): Observed["files"] =>
  Object.fromEntries(files.map((file) => [file.path, fileOnDisk(file.content.reveal(), { mode: file.mode })]));

type Running = Extract<ObservedCharon, { kind: "running" }>;

/** A charon that holds every conn as desired and has every tunnel up. */
export const runningCharon = (desired: Desired, changes: Partial<Running> = {}): Running => ({
  kind: "running",
  version: "5.9.8",
  via: "vici",
  startedAt: 2000,
  conns: desired.tunnels.map((tunnel) => loadedConn(tunnel)),
  sas: desired.tunnels.map((tunnel) => ikeUp(tunnel)),
  ...changes,
});

/** A host on which everything is as desired. */
export const matchingHost = (
  { desired, files }: Pick<Sample, "desired" | "files">,
  changes: Partial<Observed> = {},
): Observed => ({
  files: filesOnDisk(files),
  network: {
    links: desired.links,
    linksDown: [],
    routes: desired.routes,
    rules: desired.rules,
    sysctls: Object.fromEntries(desired.sysctls.map(({ key, value }) => [key, value])),
  },
  charon: runningCharon(desired),
  ledger: {
    loaded: Object.fromEntries(files.map((file) => [file.path, fingerprint(file.content)])),
    authenticated: Object.fromEntries(desired.tunnels.map((tunnel) => [tunnel.conn, fingerprint(tunnel.psk)])),
  },
  // What is in the firewall's table follows from all of this: its own tests tell.
  firewall: { kind: "none" },
  firewallMemory: undefined,
  ...changes,
});

/** A host on which strongSwan runs and the agent has never been. */
export const freshHost = (): Observed => ({
  files: {},
  network: { links: [], linksDown: [], routes: [], rules: [], sysctls: {} },
  charon: { kind: "running", version: "5.9.8", via: "vici", startedAt: 2000, conns: [], sas: [] },
  ledger: { loaded: {}, authenticated: {} },
  firewall: { kind: "none" },
  firewallMemory: undefined,
});

/** Both VPN gateways of the sample, and its one pair of networks. */
export const FIREWALL: DesiredFirewall = {
  peers: [...DOCUMENTED.remotes].sort(),
  open: false,
  pairs: [{ local: DOCUMENTED.localSubnet, space: DOCUMENTED.spaceCidr, mss: 1382 }],
  links: [],
  policy: false,
  restrict: true,
  encapsulated: [],
};

export interface PlanChanges extends Partial<Pick<PlanInput, "standalone" | "firewall">> {
  readonly tunnels?: Partial<PlanInput["tunnels"]>;
}

/** The tunnels that carry, as the loop tells planning. */
export const carrierConns = ({ desired, carriers }: Pick<Sample, "desired" | "carriers">): ReadonlySet<string> =>
  new Set(
    desired.tunnels.filter(({ ref, index }) => (carriers[`${ref.space}/${ref.name}`] ?? 1) === index).map(({ conn }) => conn),
  );

/** What planning makes of the sample on this host, with no tries under way and nothing proven dead. */
export const planOf = (
  own: Sample,
  observed: Observed,
  { standalone = false, firewall = "held", tunnels = {} }: PlanChanges = {},
): Plan => {
  const carriers = carrierConns(own);
  return planSteps({
    settings: own.settings,
    result: own.result,
    files: own.files,
    firewall,
    observed,
    standalone,
    paths: DEBIAN_PATHS,
    hash: fingerprint,
    tunnels: {
      fingerprint: (tunnel) => fingerprint(tunnel.psk),
      attempts: {},
      now: 1_000_000,
      wanted: (tunnel) => tunnel.routing === "vti" || carriers.has(tunnel.conn),
      carriers,
      passing: () => null,
      hopeless: new Set(),
      ...tunnels,
    },
  });
};
