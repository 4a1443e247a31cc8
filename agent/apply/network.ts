import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Route, Rule, Sysctl, VtiLink } from "../model/desired.ts";
import { ROUTE_PROTOCOL, RULE_PREFERENCE } from "../model/network.ts";

/** iproute2, without its leading `ip`, one command a line. */
export interface IpCommands {
  run(lines: readonly string[]): Promise<unknown[]>;
}

const address = (link: VtiLink): string => `type vti local ${link.local} remote ${link.remote} key ${link.key}`;

const isTolerated = (thrown: unknown, tolerated: RegExp): boolean =>
  thrown instanceof SpacegateError && tolerated.test(String(thrown.details.output));

const runTolerant = async (ip: IpCommands, line: string, tolerated: RegExp): Promise<void> => {
  try {
    await ip.run([line]);
  } catch (thrown) {
    if (!isTolerated(thrown, tolerated)) throw thrown;
  }
};

export const addLink = async (ip: IpCommands, link: VtiLink): Promise<void> => {
  await runTolerant(ip, `link add ${link.name} ${address(link)}`, /File exists/);
  await changeLink(ip, link);
};

/**
 * A device without any address is filtered strictly whatever its rp_filter says, so answers that come back through the tunnel
 * that does not carry would be dropped. This one is good for nothing else: link-local, and never chosen as a source.
 * Source: Linux, net/ipv4/fib_frontend.c, __fib_validate_source ("no_addr").
 */
const LINK_ADDRESS = "169.254.83.83/32 scope host";

/** In place, without taking the link away: its routes stay. */
export const changeLink = async (ip: IpCommands, link: VtiLink): Promise<void> => {
  await ip.run([
    `link change ${link.name} ${address(link)}`,
    `link set ${link.name} mtu ${link.mtu} up`,
    `address replace ${LINK_ADDRESS} dev ${link.name}`,
  ]);
};

export const deleteLink = (ip: IpCommands, name: string): Promise<void> =>
  runTolerant(ip, `link delete ${name}`, /Cannot find device/);

const routeText = (route: Route): string =>
  [
    route.dev ? route.dst : `unreachable ${route.dst}`,
    ...(route.dev ? [`dev ${route.dev}`] : []),
    ...(route.src ? [`src ${route.src}`] : []),
    `table ${route.table} metric ${route.metric} protocol ${ROUTE_PROTOCOL}`,
  ].join(" ");

export const replaceRoute = async (ip: IpCommands, route: Route): Promise<void> => {
  await ip.run([`route replace ${routeText(route)}`]);
};

export const deleteRoute = (ip: IpCommands, route: Route): Promise<void> =>
  runTolerant(ip, `route delete ${routeText(route)}`, /No such process|Cannot find device/);

const selectorText = (rule: Rule): string => (rule.kind === "mark" ? `fwmark ${rule.mark}` : `ipproto tcp sport ${rule.port}`);

const ruleText = (rule: Rule): string =>
  `${selectorText(rule)} lookup ${rule.table} pref ${RULE_PREFERENCE} protocol ${ROUTE_PROTOCOL}`;

export const addRule = (ip: IpCommands, rule: Rule): Promise<void> =>
  runTolerant(ip, `rule add ${ruleText(rule)}`, /File exists/);

export const deleteRule = (ip: IpCommands, rule: Rule): Promise<void> =>
  runTolerant(ip, `rule delete ${ruleText(rule)}`, /No such file or directory/);

export const setSysctl = async (root: string, sysctl: Sysctl): Promise<void> => {
  try {
    await writeFile(join(root, "proc/sys", sysctl.key), `${sysctl.value}\n`);
  } catch (thrown) {
    throw new SpacegateError("HOST_WRITE_FAILED", `The kernel setting ${sysctl.key} could not be set: ${messageOf(thrown)}`, {
      fix: "The agent must run as root, with /proc/sys writable.",
      cause: thrown,
    });
  }
};
