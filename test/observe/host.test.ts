import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { observeHost } from "../../agent/observe/host.ts";
import { temporaryDirectory } from "../lib/support.ts";

let root: string;

const put = async (path: string, text = ""): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};

beforeEach(async () => {
  root = await temporaryDirectory();
});

const noRoute = { run: () => Promise.reject(new Error("RTNETLINK answers: Network is unreachable")) };
const hasVti = async (): Promise<boolean> => (await observeHost(noRoute, root, [])).vti;

const RELEASE = "6.1.0-40-amd64";
const running = () => put("proc/sys/kernel/osrelease", `${RELEASE}\n`);
const MODULES_DEP = [
  "kernel/net/ipv4/ip_tunnel.ko:",
  "kernel/net/ipv4/ip_vti.ko: kernel/net/ipv4/ip_tunnel.ko",
  "kernel/net/ipv4/esp4.ko.xz: kernel/net/xfrm/xfrm_algo.ko.xz",
].join("\n");

describe("a kernel with VTI", () => {
  it("has its modules ready to be loaded", async () => {
    await running();
    await put(`lib/modules/${RELEASE}/modules.dep`, MODULES_DEP);
    expect(await hasVti()).toBe(true);
  });

  it("has them built in", async () => {
    await running();
    await put(`lib/modules/${RELEASE}/modules.builtin`, "kernel/net/ipv4/ip_vti.ko\nkernel/net/ipv4/esp4.ko\n");
    expect(await hasVti()).toBe(true);
  });

  it("has them loaded, though a container cannot see their files", async () => {
    await put("sys/module/ip_vti/refcnt", "0");
    await put("sys/module/esp4/refcnt", "0");
    expect(await hasVti()).toBe(true);
  });
});

describe("a kernel without VTI", () => {
  it.each([
    ["has no module at all", {}],
    ["has no ESP", { "modules.dep": "kernel/net/ipv4/ip_vti.ko:\n" }],
    [
      "has only modules with similar names",
      { "modules.dep": "kernel/net/ipv6/ip6_vti.ko:\nkernel/net/ipv6/esp4.ko_no:\nkernel/net/my_ip_vti.ko:\n" },
    ],
  ])("%s", async (_what, files) => {
    await running();
    for (const [name, text] of Object.entries(files)) await put(`lib/modules/${RELEASE}/${name}`, text);
    expect(await hasVti()).toBe(false);
  });

  it("is another one than the one that runs", async () => {
    await running();
    await put("lib/modules/5.10.0/modules.dep", MODULES_DEP);
    expect(await hasVti()).toBe(false);
  });

  it("is any whose release is not known", async () => {
    await put("lib/modules/modules.dep", MODULES_DEP);
    expect(await hasVti()).toBe(false);
  });
});

describe("the address towards a VPN gateway", () => {
  /** Captured: `ip -json -details route get`. */
  const answer = [
    { type: "unicast", dst: "10.0.0.10", dev: "d0", table: "main", prefsrc: "172.16.0.2", flags: [], uid: 0, cache: [] },
  ];

  it("is the one that the kernel's route uses; a gateway without a route has none", async () => {
    const asked: string[] = [];
    const run = async (lines: readonly string[]) => {
      asked.push(...lines);
      if (lines[0]?.endsWith(".70.143")) throw new Error("RTNETLINK answers: Network is unreachable");
      return [answer];
    };
    const { sourceAddress } = await observeHost({ run }, root, ["34.203.187.158", "34.227.70.143"]);
    expect(asked).toEqual(["route get 34.203.187.158", "route get 34.227.70.143"]);
    expect(sourceAddress).toEqual({ "34.203.187.158": "172.16.0.2" });
  });

  it.each([[[]], [[[]]], [["nonsense"]], [[[{ dst: "x" }]]]])("is not known from %j", async (answers) => {
    const { sourceAddress } = await observeHost({ run: async () => answers }, root, ["34.203.187.158"]);
    expect(sourceAddress).toEqual({});
  });
});

it("a host's addresses are IPv4 ones, without loopback", async () => {
  for (const address of (await observeHost(noRoute, root, [])).addresses) expect(address).toMatch(/^(?!127\.)\d+(\.\d+){3}$/);
});
