import type { Settings } from "../model/settings.ts";
import { type AppArmorProfile, allows } from "./apparmor.ts";
import type { Ec2Metadata } from "./ec2.ts";
import { failed, ok, skipped, type Verdict } from "./result.ts";
import { coversAll, type MainRoute, wayBackTo } from "./routes.ts";
import type { SecretFile } from "./secret-files.ts";
import { type CheckSpec, defineCheck } from "./spec.ts";

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");

const isOpen = ({ mode, uid, owners }: SecretFile): boolean =>
  owners ? (mode & 0o007) !== 0 : (mode & 0o077) !== 0 || uid !== 0;

const secretVerdicts = (files: readonly SecretFile[]): Verdict[] => {
  const open = files.filter(isOpen);
  if (open.length === 0) return [ok(`${files.length} ${files.length === 1 ? "file" : "files"}`)];
  return open.map(({ path, mode, uid }) =>
    failed(
      `${path} holds secrets and is open to others (${octal(mode)}, owner ${uid}).`,
      `chown root: ${path}; chmod 600 ${path}`,
    ),
  );
};

/** What charon reads of what the agent writes, with the permissions that it needs. */
const charonReads = (mode: Settings["install"]["mode"]): readonly (readonly [path: string, permissions: string])[] => [
  ["/etc/ipsec.secrets", "r"],
  ...(mode === "include" ? [["/etc/ipsec.d/spacegate.secrets", "r"] as const] : []),
  ["/etc/strongswan.d/spacegate.conf", "r"],
  ["/run/charon.vici", "rw"],
];

const profileVerdict = ({ name, mode, rules }: AppArmorProfile, installMode: Settings["install"]["mode"]): Verdict => {
  if (mode !== "enforce") return ok(`${name} is in mode ${mode}`);
  if (rules === undefined)
    return skipped(`The profile of ${name} is enforced, but its text is not below /etc/apparmor.d.`, "aa-status");
  const denied = charonReads(installMode).filter(([path, permissions]) => !allows(rules, path, permissions));
  if (denied.length === 0) return ok(`${name} may read what the agent writes`);
  const lines = denied.map(([path, permissions]) => `${path} ${permissions},`).join(" ");
  return failed(
    `AppArmor keeps ${name} from ${denied.map(([path]) => path).join(" and ")}.`,
    `Add to /etc/apparmor.d/local/usr.lib.ipsec.charon: ${lines} Then: apparmor_parser -r /etc/apparmor.d/usr.lib.ipsec.charon`,
  );
};

const wayBackVerdict = (subnet: string, routes: readonly MainRoute[], tunnelDevs: ReadonlySet<string>): Verdict => {
  const back = wayBackTo(subnet, routes, tunnelDevs);
  if (back.kind === "none")
    return failed(
      `This host has no route to ${subnet}: what the space sends there does not arrive.`,
      `Add one: ip route add ${subnet} via ROUTER; and let the routers of that network send the space's block to this host.`,
    );
  const { dst, dev } = back.route;
  if (back.kind === "default") return ok(`${subnet} by the default route (${dev})`);
  return ok(coversAll(back.route, subnet) ? `${subnet} by ${dev}` : `${dst} by ${dev}`);
};

const SOURCE_CHECK = "aws ec2 describe-instance-attribute --attribute sourceDestCheck --instance-id";
const SWITCH_OFF = "aws ec2 modify-network-interface-attribute --no-source-dest-check --network-interface-id";

const sourceDestVerdict = ({ instanceId }: Ec2Metadata, checked: readonly string[] | null): Verdict => {
  if (checked === null)
    return skipped(
      "EC2 was not asked: that takes credentials with ec2:DescribeNetworkInterfaceAttribute. With the check on, AWS drops every forwarded packet.",
      `${SOURCE_CHECK} ${instanceId} must say false; else: aws ec2 modify-instance-attribute --no-source-dest-check --instance-id ${instanceId}`,
    );
  if (checked.length === 0) return ok("on every interface");
  return failed(
    `EC2 checks source and destination on ${checked.join(", ")}: AWS drops every packet that this gateway forwards there.`,
    checked.map((id) => `${SWITCH_OFF} ${id}`).join("; "),
  );
};

export const HOST_CHECKS: readonly CheckSpec[] = [
  defineCheck({
    code: "secret-readable",
    title: "Files with secrets are root's alone",
    group: "Host",
    needs: ["secretFiles"],
    judge: ({ secretFiles }) => secretVerdicts(secretFiles),
  }),
  defineCheck({
    code: "apparmor-denies",
    title: "AppArmor lets charon work",
    group: "Host",
    needs: ["settings", "apparmor"],
    judge: ({ settings, apparmor }) =>
      apparmor.length === 0
        ? [ok("no profile for charon is loaded")]
        : apparmor.map((profile) => profileVerdict(profile, settings.install.mode)),
  }),
  defineCheck({
    code: "no-route-back",
    title: "Route back to the local networks",
    group: "Host",
    needs: ["settings", "routes", "outlook"],
    judge: ({ settings, routes, outlook }) => {
      const subnets = new Set(settings.connections.flatMap(({ local }) => local.subnets));
      const tunnelDevs = new Set(outlook.tunnels.flatMap(({ link }) => link ?? []));
      return [...subnets].map((subnet) => wayBackVerdict(subnet, routes, tunnelDevs));
    },
  }),
  defineCheck({
    code: "source-dest-check",
    title: "EC2's source/destination check is off",
    group: "Host",
    needs: ["ec2", "checkedInterfaces"],
    judge: ({ ec2, checkedInterfaces }) => [
      ec2 ? sourceDestVerdict(ec2, checkedInterfaces) : skipped("This host is not an EC2 instance."),
    ],
  }),
];
