import { readFile } from "node:fs/promises";
import { release, uptime, version } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { systemCommands } from "../apply/command.ts";
import { withoutDumps } from "../bundle/clean.ts";
import type { Part } from "../bundle/collect.ts";
import { withoutXfrmKeys } from "../bundle/known.ts";
import { redactedSettings } from "../bundle/settings-view.ts";
import { statusText } from "../cli/status-text.ts";
import { formatDuration } from "../lib/duration.ts";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import { OWN_HEADER } from "../lib/own-header.ts";
import { redactText } from "../lib/redact-text.ts";
import { askStatus } from "../loop/ask.ts";
import { DEBIAN_PATHS } from "../model/paths.ts";
import type { Settings } from "../model/settings.ts";
import type { Fingerprint } from "../render/fingerprint.ts";
import { maskPsks } from "../render/mask.ts";
import type { ViciClient } from "../vici/client.ts";
import { VERSION } from "./version.ts";

export interface PartsInput {
  readonly root: string;
  readonly settingsFile: string;
  /** Or why there are none. */
  readonly settings: Settings | SpacegateError;
  readonly vici: ViciClient;
  readonly fingerprint: Fingerprint;
}

const COMMAND_MS = 15_000;
const CHECK_MS = 90_000;
const LOG_LINES = "5000";

const run = async (file: string, ...args: string[]): Promise<string> => {
  const { exitCode, output } = await systemCommands.run(file, args, COMMAND_MS);
  return exitCode === 0 ? output : `${output}\n(${[file, ...args].join(" ")} ended with ${exitCode})`;
};

/** JSON as people read it; what is no JSON stays as it is. */
const pretty = (text: string): string => {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 1)}\n`;
  } catch {
    return text;
  }
};

const json = (value: unknown): string =>
  `${JSON.stringify(value, (_key, one) => (one instanceof Map ? Object.fromEntries(one) : one), 1)}\n`;

/** Of the kernel and of services: below a directory there are none. */
const onlyOnHost = (root: string, parts: readonly Part[]): Part[] =>
  parts.map(({ name, collect }) => ({ name, collect: root === "/" ? collect : async () => "Left out: --root is used.\n" }));

const versions = async ({ root, vici }: PartsInput): Promise<string> => {
  const strongswan = await vici.version().then(
    ({ daemon, version }) => `${daemon} ${version}`,
    (thrown) => `not known (${messageOf(thrown)})`,
  );
  const system = await readFile(join(root, "etc/os-release"), "utf8").catch(() => "not known\n");
  return [
    `spacegate ${VERSION}`,
    `Node ${process.version} (${process.arch})`,
    `kernel ${release()} ${version()}, up ${formatDuration(uptime() * 1000)}`,
    `strongSwan: ${strongswan}`,
    `iproute2: ${(await run("ip", "-V").catch(messageOf)).trim()}`,
    "",
    system,
  ].join("\n");
};

const ABSENT = "There is no such file on this host.\n";

const ifPresent = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((thrown: unknown) => {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  });

/** As `spacegate plan` shows them: with fingerprints for PSKs, and other people's not at all. */
const renderedFile = ({ root, fingerprint }: PartsInput, path: string): Part => ({
  name: `files${path}`,
  collect: async () => {
    const text = await ifPresent(join(root, path));
    if (text === undefined) return ABSENT;
    return text.startsWith(OWN_HEADER) ? maskPsks(text, fingerprint) : "Left out: the agent has not written it.\n";
  },
});

const settingsPart = ({ settings, settingsFile }: PartsInput): Part => ({
  name: "settings.yaml",
  collect: async () => {
    if (settings instanceof SpacegateError) throw settings;
    return `# ${settingsFile}, with defaults filled in\n${stringify(redactedSettings(settings))}`;
  },
});

const statusParts = ({ root, settings }: PartsInput): Part[] => {
  const ask = () => {
    if (settings instanceof SpacegateError) throw settings;
    return askStatus(settings.listen, root);
  };
  return [
    { name: "status.json", collect: async () => json(await ask()) },
    { name: "status.txt", collect: async () => `${statusText(await ask(), { width: 80, colour: false })}\n` },
  ];
};

const charonParts = ({ vici }: PartsInput): Part[] => [
  { name: "strongswan/sas.json", collect: async () => json(await vici.listSas()) },
  { name: "strongswan/conns.json", collect: async () => json(await vici.listConns()) },
  { name: "strongswan/stats.json", collect: async () => json(await vici.stats()) },
];

const SYSCTLS = [
  "net.ipv4.ip_forward",
  "net.ipv4.conf.all.rp_filter",
  "net.ipv4.conf.default.rp_filter",
  "net.ipv4.conf.all.accept_redirects",
  "net.ipv4.conf.all.send_redirects",
  "net.netfilter.nf_conntrack_buckets",
  "net.netfilter.nf_conntrack_count",
  "net.netfilter.nf_conntrack_max",
];

const sysctls = async (root: string): Promise<string> => {
  const values = SYSCTLS.map(async (key) => {
    const value = await readFile(join(root, "proc/sys", key.replaceAll(".", "/")), "utf8").catch(() => "absent");
    return `${key} = ${value.trim()}\n`;
  });
  return (await Promise.all(values)).join("");
};

const ip = (name: string, ...args: string[]): Part => ({
  name: `network/${name}.json`,
  collect: async () => pretty(await run("ip", "-json", "-details", ...args)),
});

const hostParts = (root: string): Part[] => [
  { name: "strongswan/statusall.txt", collect: async () => withoutDumps(redactText(await run("ipsec", "statusall"))) },
  ip("links", "-statistics", "link", "show"),
  ip("addresses", "address", "show"),
  ip("routes", "route", "show", "table", "all"),
  ip("rules", "rule", "show"),
  { name: "network/nftables.txt", collect: () => run("nft", "list", "ruleset") },
  { name: "network/sysctls.txt", collect: () => sysctls(root) },
  { name: "xfrm/state.txt", collect: async () => withoutXfrmKeys(await run("ip", "-s", "xfrm", "state", "list", "nokeys")) },
  { name: "xfrm/policy.txt", collect: () => run("ip", "-s", "xfrm", "policy", "list") },
  { name: "xfrm/stat.txt", collect: () => readFile(join(root, "proc/net/xfrm_stat"), "utf8") },
  ...[
    { name: "logs/spacegate.log", units: ["-u", "spacegate"] },
    { name: "logs/strongswan.log", units: ["-u", "strongswan-starter", "-u", "strongswan"] },
  ].map(({ name, units }) => ({
    name,
    collect: async () =>
      withoutDumps(redactText(await run("journalctl", ...units, "-n", LOG_LINES, "--no-pager", "-o", "short-iso-precise"))),
  })),
];

/** This very program once more, so that whatever it does to itself, the bundle comes about. */
const checkPart = ({ settingsFile, root }: PartsInput): Part => ({
  name: "check.json",
  collect: async () => {
    const argv = [process.argv[1] ?? "", "check", "--json", "--config", settingsFile, "--root", root];
    const { stdout, stderr, exitCode } = await execa(process.execPath, argv, {
      reject: false,
      stdin: "ignore",
      timeout: CHECK_MS,
    });
    if (exitCode === 0 || exitCode === 1) return redactText(pretty(stdout) || stderr);
    throw new Error(`spacegate check ended with ${exitCode}: ${redactText(stderr)}`);
  },
});

const kept = (root: string, name: string): Part => ({
  name,
  collect: async () => (await ifPresent(join(root, "var/lib/spacegate", name))) ?? ABSENT,
});

/** Everything that support needs to know about this host. */
export const bundleParts = (input: PartsInput): Part[] => {
  const { conf, secrets, includeDirectory, daemonFragment } = DEBIAN_PATHS;
  const rendered = [conf, secrets, `${includeDirectory}/spacegate.conf`, `${includeDirectory}/spacegate.secrets`, daemonFragment];
  return [
    { name: "versions.txt", collect: () => versions(input) },
    settingsPart(input),
    ...statusParts(input),
    checkPart(input),
    ...rendered.map((path) => renderedFile(input, path)),
    ...charonParts(input),
    ...onlyOnHost(input.root, hostParts(input.root)),
    kept(input.root, "events.jsonl"),
    kept(input.root, "drills.json"),
  ];
};
