import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { Desired } from "../../agent/model/desired.ts";
import { observeNetwork } from "../../agent/observe/network.ts";
import { failureOf, temporaryDirectory } from "../lib/support.ts";

/** `ip -json -details` 6.1.0 on a host with three other links: what a type filter leaves out is an empty object. */
const NO_LINKS = [{}, {}, {}];

/** As iproute2's link_vti.c prints it: keys as dotted quads, flags by name. */
const vti = (ifname: string, changes: object = {}) => ({
  ifindex: 7,
  link: null,
  ifname,
  flags: ["POINTOPOINT", "NOARP", "UP", "LOWER_UP"],
  mtu: 1419,
  qdisc: "noqueue",
  operstate: "UNKNOWN",
  link_type: "none",
  address: "203.0.113.10",
  broadcast: "34.203.187.158",
  linkinfo: {
    info_kind: "vti",
    info_data: { remote: "34.203.187.158", local: "203.0.113.10", ikey: "0.0.64.0", okey: "0.0.64.0", fwmark: "0" },
  },
  addr_info: [
    { family: "inet", local: "169.254.83.83", prefixlen: 32, scope: "host" },
    { family: "inet6", local: "fe80::200:5efe:cb00:710a", prefixlen: 64, scope: "link" },
  ],
  ...changes,
});

/** Captured: `ip -json -details route show table all protocol 83`. */
const ROUTES = [
  { type: "unicast", dst: "10.0.0.0/16", dev: "d0", table: "20993", scope: "link", flags: [] },
  { type: "unicast", dst: "10.0.0.0/16", dev: "d0", table: "main", scope: "link", prefsrc: "172.16.0.2", metric: 100, flags: [] },
  { type: "unreachable", dst: "10.0.0.0/16", table: "main", scope: "global", metric: 4000, flags: [] },
  { type: "unicast", dst: "10.9.9.9", dev: "d0", table: "main", scope: "link", flags: [] },
];

/** Captured: `ip -json -details rule show`, with a foreign rule. */
const RULES = [
  { priority: 0, src: "all", table: "local", protocol: "kernel" },
  { priority: 5346, src: "all", fwmark: "0x7", table: "100", protocol: "unspec" },
  { priority: 5347, src: "all", fwmark: "0x5201", table: "20993", protocol: "83" },
  { priority: 32766, src: "all", table: "main", protocol: "kernel" },
  { priority: 32767, src: "all", table: "default", protocol: "kernel" },
];

const desired = (...keys: string[]): Desired => ({
  installMode: "own",
  firewall: true,
  tunnels: [],
  links: [],
  routes: [],
  rules: [],
  sysctls: keys.map((key) => ({ key, value: "1" })),
});

let root: string;

beforeEach(async () => {
  root = await temporaryDirectory();
});

const observe = (links: unknown, routes: unknown, rules: unknown, wanted = desired()) =>
  observeNetwork({ run: async () => [links, routes, rules] }, wanted, root);

describe("the network", () => {
  it("is asked for with three commands at once", async () => {
    const asked: unknown[] = [];
    const run = async (lines: readonly string[]) => {
      asked.push(lines);
      return [[], [], []];
    };
    await observeNetwork({ run }, desired(), root);
    expect(asked).toEqual([["address show type vti", "route show table all protocol 83", "rule show"]]);
  });

  it("has the agent's routes, by number of their table, with hosts as /32 and unreachable ones without a link", async () => {
    expect((await observe(NO_LINKS, ROUTES, RULES)).routes).toEqual([
      { table: 20993, dst: "10.0.0.0/16", dev: "d0", metric: 0 },
      { table: 254, dst: "10.0.0.0/16", dev: "d0", src: "172.16.0.2", metric: 100 },
      { table: 254, dst: "10.0.0.0/16", metric: 4000 },
      { table: 254, dst: "10.9.9.9/32", dev: "d0", metric: 0 },
    ]);
  });

  it("has no unreachable route's loopback link, as older kernels show it", async () => {
    const older = [{ type: "unreachable", dst: "10.0.0.0/16", dev: "lo", table: "main", metric: 4000 }];
    expect((await observe(NO_LINKS, older, [])).routes).toEqual([{ table: 254, dst: "10.0.0.0/16", metric: 4000 }]);
  });

  it("has the agent's rules, not the kernel's and not other people's", async () => {
    expect((await observe(NO_LINKS, ROUTES, RULES)).rules).toMatchObject([{ mark: 0x5201, table: 20993 }]);
  });

  it("has VTI links with their key as a number", async () => {
    const { links, linksDown } = await observe([{}, vti("sgvti16384")], [], []);
    expect(links).toEqual([{ name: "sgvti16384", local: "203.0.113.10", remote: "34.203.187.158", key: 16_384, mtu: 1419 }]);
    expect(linksDown).toEqual([]);
  });

  it("tells which links are down", async () => {
    const { linksDown } = await observe([vti("a"), vti("b", { flags: ["POINTOPOINT", "NOARP"] })], [], []);
    expect(linksDown).toEqual(["b"]);
  });

  it("counts a link without an IPv4 address as down: the kernel drops what comes back by it", async () => {
    const { linksDown } = await observe(
      [vti("a"), vti("b", { addr_info: [] }), vti("c", { addr_info: [{ family: "inet6" }] })],
      [],
      [],
    );
    expect(linksDown).toEqual(["b", "c"]);
  });

  it("ignores links of other kinds", async () => {
    const veth = { ifname: "d0", flags: ["UP"], mtu: 1500, addr_info: [], linkinfo: { info_kind: "veth" } };
    const loopback = { ifname: "lo", flags: ["UP"], mtu: 65_536, addr_info: [] };
    expect((await observe([veth, loopback], [], [])).links).toEqual([]);
  });

  it("has the kernel settings that are wanted and exist", async () => {
    const path = join(root, "proc/sys/net/ipv4/ip_forward");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "1\n");
    const { sysctls } = await observe([], [], [], desired("net/ipv4/ip_forward", "net/ipv4/conf/sgvti16384/rp_filter"));
    expect(sysctls).toEqual({ "net/ipv4/ip_forward": "1" });
  });

  it.each([[undefined], [null], ["text"], [[null, 1, "x", []]], [{}]])("takes %j for nothing of the agent's", async (answer) => {
    const { links, routes, rules } = await observe(answer, answer, answer);
    expect([links, routes, rules]).toEqual([[], [], []]);
  });

  it("that cannot be read is an error, not an empty network", async () => {
    const ip = { run: () => Promise.reject(new TypeError("no ip")) };
    await expect(failureOf(() => observeNetwork(ip, desired(), root))).rejects.toThrow("no ip");
  });
});
