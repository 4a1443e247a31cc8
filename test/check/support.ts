import { CHECKS } from "../../agent/check/checks.ts";
import type { FactName, Facts, FactValues } from "../../agent/check/facts.ts";
import type { Commands, HostReader } from "../../agent/check/host-reader.ts";
import type { CheckReport, CheckResult } from "../../agent/check/result.ts";
import { runChecks } from "../../agent/check/run.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { connectionStatus, gatewayStatus, tunnelStatus } from "../expose/support.ts";
import { DOCUMENTED, sample, sampleConnection, sampleSettings } from "../sample.ts";

export const REF = { space: DOCUMENTED.space, name: DOCUMENTED.name };
export const KEY = "acme-space/office";
export const [REMOTE_1, REMOTE_2] = DOCUMENTED.remotes;

const FIREWALL = { managed: true, active: true, open: false, counts: {} } as const;

const answers = ([1, 2] as const).flatMap((index) =>
  ([500, 4500] as const).map((port) => ({
    ref: REF,
    index,
    remote: DOCUMENTED.remotes[index - 1] ?? "",
    port,
    answered: true,
  })),
);

const HEALTHY: FactValues = {
  settings: sampleSettings(),
  sources: [{ ref: REF, connection: sampleConnection(), origin: "source", confirmedAt: 1 }],
  outlook: {
    tunnels: sample().desired.tunnels,
    problems: [],
    warnings: [],
    charon: "vici",
    sas: [],
    firewall: FIREWALL,
    standalone: false,
  },
  agent: gatewayStatus({
    status: "ok",
    connections: [connectionStatus({ status: "ok", tunnels: [tunnelStatus(1), tunnelStatus(2)] })],
    warnings: [],
  }),
  strongswan: "5.9.8",
  charon: {
    plugins: ["stroke", "vici", "kernel-netlink", "socket-default"],
    algorithms: new Map([
      ["encryption", ["AES_CBC"]],
      ["integrity", ["HMAC_SHA2_256_128"]],
      ["prf", ["PRF_HMAC_SHA2_256"]],
      ["dh", ["MODP_2048"]],
    ]),
  },
  ports: [
    { port: 500, pid: 7, name: "charon" },
    { port: 4500, pid: 7, name: "charon" },
  ],
  modules: { esp4: true, ip_vti: true },
  addresses: [DOCUMENTED.local],
  ipForward: true,
  reversePaths: [{ dev: "sgvti16384", mode: 2 }],
  conntrack: { count: 10, max: 1000 },
  udpAnswers: answers,
  clock: { offsetMs: 0, against: "api.heroku.com" },
  publicAddresses: [{ ref: REF, addresses: [DOCUMENTED.publicIp], from: "EC2's metadata" }],
  pathMtus: [{ ref: REF, index: 1, target: "10.0.0.10", expected: 1419, bytes: 1419 }],
  tcpMss: [{ ref: REF, index: 1, mss: 1379 }],
  secretFiles: [{ path: "/etc/ipsec.secrets", mode: 0o600, uid: 0, owners: false }],
  apparmor: [],
  routes: [{ dst: "172.16.0.0/16", dev: "lan0" }],
  ec2: null,
  checkedInterfaces: null,
};

export const healthyOutlook = HEALTHY.outlook;
export const healthyAnswers = HEALTHY.udpAnswers;

/** A healthy gateway's facts with other values; undefined makes one unknown. */
export const factsWith = (changes: { readonly [N in FactName]?: FactValues[N] | undefined } = {}): Facts => {
  const entries = Object.entries({ ...HEALTHY, ...changes }).map(([name, value]) => [
    name,
    value === undefined ? { known: false, why: `${name} is not known here.` } : { known: true, value },
  ]);
  return Object.fromEntries(entries) as Facts;
};

export const reportWith = (changes: Parameters<typeof factsWith>[0] = {}): CheckReport => runChecks(CHECKS, factsWith(changes));

/** Every line that is not ok, as "status code: text". */
export const troubles = ({ results }: CheckReport): string[] =>
  results.filter(({ status }) => status === "failed" || status === "warning").map(lineOf);

export const lineOf = ({ status, code, tunnel, text }: CheckResult): string =>
  `${status} ${code}${tunnel === undefined ? "" : ` ${tunnel}`}: ${text}`;

export const linesOf = ({ results }: CheckReport, code: string): string[] =>
  results.filter((result) => result.code === code).map(lineOf);

/** A host whose files, directories and links are these. */
export const readerOf = (
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
  stats: Readonly<Record<string, { mode: number; uid: number }>> = {},
): HostReader => {
  const paths = [...Object.keys(files), ...Object.keys(links), ...Object.keys(stats)];
  return {
    text: async (path) => files[path],
    link: async (path) => links[path],
    stat: async (path) => stats[path],
    names: async (path) => [
      ...new Set(
        paths.flatMap((known) => (known.startsWith(`${path}/`) ? (known.slice(path.length + 1).split("/")[0] ?? []) : [])),
      ),
    ],
  };
};

/** Programs that answer by their whole command line; an unknown one is not installed. */
export const commandsOf = (answer: (line: string) => { exitCode?: number; output?: string } | undefined): Commands => ({
  run: async (file, args) => {
    const found = answer([file, ...args].join(" "));
    if (!found) throw new SpacegateError("COMMAND_MISSING", `${file} could not be started (ENOENT).`, { fix: "Install it." });
    return { exitCode: found.exitCode ?? 0, output: found.output ?? "" };
  },
});
