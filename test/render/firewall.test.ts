import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { DesiredFirewall } from "../../agent/model/firewall.ts";
import { renderFirewall } from "../../agent/render/firewall.ts";
import { builtInTemplates, FIREWALL } from "../sample.ts";

const TEMPLATE = builtInTemplates()["firewall.nft"];
const VTI: DesiredFirewall = { ...FIREWALL, links: ["sgvti16384", "sgvti16385"] };
const POLICY: DesiredFirewall = { ...FIREWALL, policy: true };

const many = Array.from({ length: 500 }, (_, n) => n);
const MANY: DesiredFirewall = {
  ...VTI,
  ...{ policy: true, peers: many.flatMap((n) => [`34.1.${n >> 8}.${n & 255}`, `34.2.${n >> 8}.${n & 255}`]) },
  pairs: many.map((n) => ({
    local: "172.16.0.0/16",
    space: `10.${2 + (n >> 6)}.${(n % 64) * 4}.0/22`,
    mss: n % 2 ? 1382 : 1398,
  })),
};

/** Has the real nft load it into a network namespace that ends with it, and show it. */
const loaded = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const argv = ["--net", "sh", "-ec", "nft -f - && nft list table inet spacegate"];
    const child = execFile("unshare", argv, (error, out, err) =>
      error ? reject(new Error(err || error.message)) : resolve(out),
    );
    child.stdin?.end(text);
  });

const rulesOf = (text: string, chain: string): string =>
  new RegExp(`chain ${chain} \\{\\n([\\s\\S]*?)\\n\\t\\}`).exec(text)?.[1] ?? "";

describe("the table", () => {
  it.each([
    ["vti", VTI],
    ["policy", POLICY],
  ])("has its golden form with %s routing", async (name, desired) => {
    await expect(renderFirewall(desired, TEMPLATE)).toMatchFileSnapshot(`golden/firewall-${name}.nft`);
  });

  it.each([
    ["vti routing", VTI],
    ["policy routing", POLICY],
    ["nothing in it", { ...FIREWALL, peers: [], pairs: [] }],
    ["everything open", { ...FIREWALL, open: true, restrict: false }],
    ["five hundred connections", MANY],
  ])("is taken by the real nft with %s", async (_name, desired) => {
    const shown = await loaded(renderFirewall(desired, TEMPLATE));
    expect(shown).toContain("chain forward");
    expect(shown.match(/policy (accept|drop)/g)).toEqual(["policy accept", "policy accept"]);
  });
});

describe("what comes in", () => {
  it("is dropped for nothing but IKE and ESP, whatever is wanted", () => {
    for (const desired of [VTI, POLICY, MANY]) {
      const drops = rulesOf(renderFirewall(desired, TEMPLATE), "input")
        .split("\n")
        .filter((line) => line.includes("drop"));
      expect(drops.map((line) => line.trim())).toEqual([
        "udp dport { 500, 4500 } counter name ike_refused drop",
        "meta l4proto esp counter name ike_refused drop",
      ]);
    }
  });

  it("is dropped for nothing at all while anybody may be a peer", () => {
    expect(rulesOf(renderFirewall({ ...VTI, open: true }, TEMPLATE), "input")).not.toContain("drop");
  });
});

describe("what is forwarded", () => {
  it("goes by the agent's links with VTI, and by ESP alone with policy routing", () => {
    const [vti, policy] = [VTI, POLICY].map((desired) => rulesOf(renderFirewall(desired, TEMPLATE), "forward"));
    expect(vti).toMatch(/@from_space iifname @links .* accept/);
    expect(vti).not.toContain("ipsec");
    expect(policy).toMatch(/@from_space meta ipsec exists .* accept/);
  });

  it("is everything else, too, when others are not restricted: the connections' own packets still take a tunnel or none", () => {
    const [any, restricted] = [false, true].map((restrict) =>
      rulesOf(renderFirewall({ ...VTI, restrict }, TEMPLATE), "forward").split("\n"),
    );
    const left = restricted?.filter((line) => !any?.includes(line)).map((line) => line.trim());
    expect(left?.filter((line) => !line.startsWith("#"))).toEqual([
      "meta l4proto icmp ct state related accept",
      "counter name forward_refused drop",
    ]);
    expect(any?.filter((line) => line.includes("drop")).map((line) => line.trim())).toEqual([
      "ip saddr . ip daddr @to_space counter name forward_clear drop",
      "ip saddr . ip daddr @from_space counter name forward_clear drop",
    ]);
  });

  it("is looked up in as many rules for five hundred connections as for one of each size", () => {
    const rules = (desired: DesiredFirewall) => rulesOf(renderFirewall(desired, TEMPLATE), "forward").split("\n").length;
    expect(rules(MANY)).toBe(rules({ ...VTI, policy: true }) + 1);
  });
});
