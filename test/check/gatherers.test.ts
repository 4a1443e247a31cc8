import { describe, expect, it } from "vitest";
import { type Facts, gather } from "../../agent/check/facts.ts";
import { hostGatherers, type World } from "../../agent/check/gatherers.ts";
import { gatewayStatus } from "../expose/support.ts";
import { DOCUMENTED, sample, sampleEntry, sampleSettings } from "../sample.ts";
import { commandsOf, healthyOutlook, REF, readerOf } from "./support.ts";

const PROC = {
  "/proc/net/udp": "",
  "/proc/sys/net/ipv4/ip_forward": "1\n",
  "/proc/sys/net/ipv4/conf/all/rp_filter": "1\n",
};

const worldWith = (changes: Partial<World> = {}): World => ({
  settings: sampleSettings(),
  reader: readerOf(PROC),
  commands: commandsOf((line) => {
    if (line === "ipsec --version") return { output: "Linux strongSwan U5.9.8/K6.1.0-18-amd64\n" };
    return line.startsWith("ip -json -4 route") ? { output: '[{"dst":"172.16.0.0/16","dev":"lan0"}]' } : undefined;
  }),
  askIke: async () => true,
  addresses: () => [DOCUMENTED.local],
  hasModule: async (name) => name === "esp4",
  sources: async () => [],
  outlook: async () => healthyOutlook,
  agent: async () => gatewayStatus(),
  charon: async () => ({ plugins: [], algorithms: new Map() }),
  clock: async () => ({ offsetMs: 0, against: "x" }),
  ec2: async () => undefined,
  checkedInterfaces: async () => [],
  tokenFiles: [],
  ...changes,
});

const factsOf = (changes: Partial<World> = {}): Promise<Facts> =>
  gather(hostGatherers(worldWith(changes)), new AbortController().signal);

const found = <T>(fact: { known: true; value: T } | { known: false; why: string }): T | string =>
  fact.known ? fact.value : fact.why;

describe("hostGatherers", () => {
  it("read strongSwan's version, and tell when it is not installed", async () => {
    expect(found((await factsOf()).strongswan)).toBe("5.9.8");
    expect(found((await factsOf({ commands: commandsOf(() => undefined) })).strongswan)).toBeNull();
    const other = commandsOf(() => ({ output: "Libreswan 4.9" }));
    expect(found((await factsOf({ commands: other })).strongswan)).toBe("`ipsec --version` does not name strongSwan.");
  });

  it("let the stricter reverse path filter count, and leave out links that are not there", async () => {
    const [first, second] = sample().desired.tunnels;
    const link = first?.link ?? "";
    const { reversePaths } = await factsOf({
      reader: readerOf({ ...PROC, [`/proc/sys/net/ipv4/conf/${link}/rp_filter`]: "0\n" }),
    });
    expect(second?.link).not.toBe(link);
    expect(found(reversePaths)).toEqual([{ dev: link, mode: 1 }]);
  });

  it("know no forwarding where /proc does not tell it", async () => {
    expect(found((await factsOf()).ipForward)).toBe(true);
    expect(found((await factsOf({ reader: readerOf({}) })).ipForward)).toBe("/proc/sys/net/ipv4/ip_forward cannot be read.");
  });

  it("tell a kernel that tracks no connections from one that does", async () => {
    const NETFILTER = "/proc/sys/net/netfilter";
    const reader = readerOf({ [`${NETFILTER}/nf_conntrack_count`]: "5\n", [`${NETFILTER}/nf_conntrack_max`]: "100\n" });
    expect(found((await factsOf({ reader })).conntrack)).toEqual({ count: 5, max: 100 });
    expect(found((await factsOf()).conntrack)).toBeNull();
  });

  it("ask a VPN gateway only from an address that this host has", async () => {
    const tunnels = healthyOutlook.tunnels.map((one) => (one.index === 1 ? { ...one, local: "172.16.0.99" } : one));
    const outlook = { ...healthyOutlook, tunnels };
    const asked: string[] = [];
    const askIke = async ({ local }: { local: string }) => asked.push(local) > 0;
    const { udpAnswers } = await factsOf({ outlook: async () => outlook, askIke });
    expect(found(udpAnswers)).toMatchObject([
      { index: 2, port: 500, answered: true },
      { index: 2, port: 4500 },
    ]);
    expect(asked).toEqual([DOCUMENTED.local, DOCUMENTED.local]);
  });

  it("take the public address from the settings, else from EC2, else from the interfaces", async () => {
    const settings = sampleSettings([sampleEntry({ local: { subnets: ["172.16.0.0/16"], public_address: "52.91.173.226" } })]);
    const ec2 = async () => ({ instanceId: "i-0abc", publicAddress: "52.0.0.1" });
    const addresses = () => ["172.16.0.2", "52.0.0.2"];
    const from = async (changes: Partial<World>) => found((await factsOf(changes)).publicAddresses);
    expect(await from({ settings, ec2, addresses })).toEqual([
      { ref: REF, addresses: ["52.91.173.226"], from: "local.public_address" },
    ]);
    expect(await from({ ec2, addresses })).toEqual([{ ref: REF, addresses: ["52.0.0.1"], from: "EC2's metadata" }]);
    expect(await from({ addresses })).toEqual([{ ref: REF, addresses: ["52.0.0.2"], from: "this host's interfaces" }]);
    expect(await from({})).toEqual([]);
  });

  it("ask EC2 for interfaces on an instance only, and know none when EC2 does not say", async () => {
    const ec2 = async () => ({ instanceId: "i-0abc", publicAddress: undefined });
    const checked = async (changes: Partial<World>) => found((await factsOf(changes)).checkedInterfaces);
    const checkedInterfaces = async () => ["eni-1"];
    expect(await checked({ checkedInterfaces })).toBe(null);
    expect(await checked({ ec2, checkedInterfaces })).toEqual(["eni-1"]);
    const denied = async () => {
      throw new Error("UnauthorizedOperation");
    };
    expect(await checked({ ec2, checkedInterfaces: denied })).toBe(null);
  });

  it("go on without EC2's metadata when nobody answers there", async () => {
    const facts = await factsOf({
      ec2: async () => {
        throw new Error("fetch failed");
      },
    });
    expect(found(facts.ec2)).toBe("fetch failed");
    expect(facts.publicAddresses.known).toBe(true);
  });

  it("hand the public addresses to whoever plans", async () => {
    let handed: unknown;
    await factsOf({
      addresses: () => ["52.0.0.2"],
      outlook: async (publicAddresses) => {
        handed = publicAddresses;
        return healthyOutlook;
      },
    });
    expect(handed).toEqual([{ ref: REF, addresses: ["52.0.0.2"], from: "this host's interfaces" }]);
  });
});
