import { describe, expect, it } from "vitest";
import { networkSteps } from "../../agent/plan/network-steps.ts";
import { matchingHost, type SampleOptions, sample, sampleEntry, sampleFacts, sampleSettings } from "../sample.ts";

const GIB = 2 ** 30;
const NOTHING_KEPT = { conns: new Set<string>(), links: new Set<string>(), tables: new Set<number>() };

const hostSysctls = (options: SampleOptions = {}): string[] =>
  sample(options)
    .desired.sysctls.filter(({ host }) => host)
    .map(({ key, value, atLeast }) => `${key} ${atLeast ? ">=" : "="} ${value}`);

/** What is set where the kernel has these values. */
const set = (found: Readonly<Record<string, string>>): string[] => {
  const own = sample();
  const { network } = matchingHost(own);
  const links = Object.fromEntries(own.desired.sysctls.filter(({ host }) => !host).map(({ key, value }) => [key, value]));
  const steps = networkSteps(own.desired, { ...network, sysctls: { ...links, ...found } }, NOTHING_KEPT);
  return steps.map((step) => (step.kind === "set-sysctl" ? `${step.sysctl.key} ${step.sysctl.value}` : step.kind));
};

describe("the kernel's network settings", () => {
  it("forward, take and send no redirects, and give connection tracking a sixteenth of the memory", () => {
    expect(hostSysctls({ facts: sampleFacts({ memoryBytes: GIB }) })).toEqual([
      "net/ipv4/conf/all/accept_redirects = 0",
      "net/ipv4/conf/all/send_redirects = 0",
      "net/ipv4/conf/default/accept_redirects = 0",
      "net/ipv4/conf/default/send_redirects = 0",
      "net/ipv4/conf/eth0/accept_redirects = 0",
      "net/ipv4/conf/eth0/send_redirects = 0",
      "net/ipv4/ip_forward = 1",
      "net/netfilter/nf_conntrack_buckets >= 52428",
      "net/netfilter/nf_conntrack_max >= 209715",
    ]);
  });

  it("name the devices towards the internet and towards the local subnets, and no other", () => {
    const devices = { "203.0.113.10": "wan0", "172.16.9.1": "lan0", "192.168.7.1": "other0" };
    const settings = sampleSettings([sampleEntry({ local: { address: "203.0.113.10", subnets: ["172.16.0.0/16"] } })]);
    const keys = hostSysctls({ settings, facts: sampleFacts({ devices }) }).join("\n");
    expect([keys.includes("wan0"), keys.includes("lan0"), keys.includes("other0")]).toEqual([true, true, false]);
  });

  it.each([
    [0.1 * GIB, 65_536],
    [64 * GIB, 1_048_576],
  ])("track a sensible number of connections with %d bytes of memory", (memoryBytes, most) => {
    expect(hostSysctls({ facts: sampleFacts({ memoryBytes }) })).toContain(`net/netfilter/nf_conntrack_max >= ${most}`);
  });

  it("are the owner's when the settings say so, except those of the agent's own links", () => {
    const settings = sampleSettings(undefined, { sysctls: { manage: false } });
    expect(hostSysctls({ settings })).toEqual([]);
    expect(sample({ settings }).desired.sysctls.length).toBeGreaterThan(0);
  });

  it("are set where they differ, and numbers only where they are too small", () => {
    expect(
      set({
        "net/ipv4/ip_forward": "0",
        "net/ipv4/conf/all/send_redirects": "0",
        "net/netfilter/nf_conntrack_max": "10000000",
        "net/netfilter/nf_conntrack_buckets": "1024",
      }),
    ).toEqual(["net/ipv4/ip_forward 1", "net/netfilter/nf_conntrack_buckets 48828"]);
  });

  it("are left alone where the kernel has none, or lets nobody write them", () => {
    expect(set({})).toEqual([]);
  });
});
