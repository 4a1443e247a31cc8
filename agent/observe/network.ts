import { access, constants, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Desired, Route, Rule, Sysctl, VtiLink } from "../model/desired.ts";
import { ROUTE_PROTOCOL } from "../model/network.ts";
import type { ObservedNetwork } from "../model/observed.ts";

/** iproute2's JSON answers, one a command; the commands come without their leading `ip`. */
export interface IpQueries {
  run(lines: readonly string[]): Promise<unknown[]>;
}

const QUERIES = ["address show type vti", `route show table all protocol ${ROUTE_PROTOCOL}`, "rule show"];

const linkSchema = z.object({
  ifname: z.string(),
  flags: z.array(z.string()),
  mtu: z.number(),
  addr_info: z.array(z.object({ family: z.string() })),
  linkinfo: z.object({ info_data: z.object({ local: z.string(), remote: z.string(), ikey: z.string() }) }),
});

const routeSchema = z.object({
  type: z.string().optional(),
  dst: z.string(),
  dev: z.string().optional(),
  table: z.string().optional(),
  prefsrc: z.string().optional(),
  metric: z.number().optional(),
});

const ruleSchema = z.object({
  fwmark: z.string().optional(),
  ipproto: z.string().optional(),
  sport: z.number().optional(),
  table: z.string(),
  protocol: z.string(),
});

/** The entries that have the shape; iproute2 prints `{}` for what a filter left out. */
const entries = <T>(schema: z.ZodType<T>, answer: unknown): T[] =>
  Array.isArray(answer)
    ? answer.flatMap((entry) => {
        const parsed = schema.safeParse(entry);
        return parsed.success ? [parsed.data] : [];
      })
    : [];

/** iproute2 shows keys as dotted quads: 31346 is "0.0.122.114". */
const keyNumber = (dotted: string): number => dotted.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** A link without an IPv4 address is as good as down: the kernel drops answers that come back by it. */
const isReady = ({ flags, addr_info }: z.infer<typeof linkSchema>): boolean =>
  flags.includes("UP") && addr_info.some(({ family }) => family === "inet");

const toLink = (entry: z.infer<typeof linkSchema>): VtiLink => ({
  name: entry.ifname,
  local: entry.linkinfo.info_data.local,
  remote: entry.linkinfo.info_data.remote,
  key: keyNumber(entry.linkinfo.info_data.ikey),
  mtu: entry.mtu,
});

/** Tables have names for the few that /etc/iproute2/rt_tables knows. */
const tableNumber = (table: string | undefined): number => {
  if (table === undefined || table === "main") return 254;
  return /^\d+$/.test(table) ? Number(table) : 0;
};

const toRoute = (entry: z.infer<typeof routeSchema>): Route => ({
  table: tableNumber(entry.table),
  dst: entry.dst.includes("/") ? entry.dst : `${entry.dst}/32`,
  ...(entry.dev && entry.type !== "unreachable" ? { dev: entry.dev } : {}),
  ...(entry.prefsrc ? { src: entry.prefsrc } : {}),
  metric: entry.metric ?? 0,
});

const isOwnRule = (entry: z.infer<typeof ruleSchema>): boolean => entry.protocol === String(ROUTE_PROTOCOL);

const toRule = ({ fwmark, ipproto, sport, table }: z.infer<typeof ruleSchema>): Rule[] => {
  if (ipproto === "tcp" && sport !== undefined) return [{ kind: "tcp-port", port: sport, table: tableNumber(table) }];
  return fwmark === undefined ? [] : [{ kind: "mark", mark: Number(fwmark), table: tableNumber(table) }];
};

const readSysctl = async (root: string, { key, host }: Sysctl): Promise<[string, string][]> => {
  const path = join(root, "proc/sys", key);
  try {
    // In a container or a network namespace some are there to be read only.
    if (host) await access(path, constants.W_OK);
    return [[key, (await readFile(path, "utf8")).trim()]];
  } catch {
    // A link that does not exist (yet) has no settings.
    return [];
  }
};

/** The agent's own links, routes and rules, and the kernel settings that it wants. Rejects as `IpQueries.run` does. */
export const observeNetwork = async (ip: IpQueries, desired: Desired, root: string): Promise<ObservedNetwork> => {
  const [links, routes, rules] = await ip.run(QUERIES);
  const found = entries(linkSchema, links);
  const sysctls = await Promise.all(desired.sysctls.map((sysctl) => readSysctl(root, sysctl)));
  return {
    links: found.map(toLink),
    linksDown: found.filter((entry) => !isReady(entry)).map((entry) => entry.ifname),
    routes: entries(routeSchema, routes).map(toRoute),
    rules: entries(ruleSchema, rules).filter(isOwnRule).flatMap(toRule),
    sysctls: Object.fromEntries(sysctls.flat()),
  };
};

export const NO_NETWORK: ObservedNetwork = { links: [], linksDown: [], routes: [], rules: [], sysctls: {} };
