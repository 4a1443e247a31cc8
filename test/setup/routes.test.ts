import { describe, expect, test } from "vitest";
import { localNetworks, ownAddress } from "../../agent/setup/routes.ts";

const ipWith = (answer: unknown) => {
  const asked: string[] = [];
  return {
    asked,
    run: async (lines: readonly string[]) => {
      asked.push(...lines);
      if (answer instanceof Error) throw answer;
      return [answer];
    },
  };
};

describe("the own address", () => {
  test("is the source of the route to the VPN gateway, else to the internet", async () => {
    const ip = ipWith([{ dst: "34.203.187.158", dev: "eth0", prefsrc: "172.31.5.4" }]);
    expect(await ownAddress(ip, "34.203.187.158")).toBe("172.31.5.4");
    expect(await ownAddress(ip)).toBe("172.31.5.4");
    expect(ip.asked).toEqual(["route get 34.203.187.158", "route get 1.1.1.1"]);
  });

  test("is asked by nothing but an address, whatever Heroku says", async () => {
    const ip = ipWith([{ prefsrc: "172.31.5.4" }]);
    expect(await ownAddress(ip, "34.203.187.158 oif eth1 \\")).toBe("172.31.5.4");
    expect(ip.asked).toEqual(["route get 1.1.1.1"]);
  });

  test.each([new Error("Network is unreachable"), [], undefined, {}])("is unknown with %j", async (answer) => {
    expect(await ownAddress(ipWith(answer))).toBeUndefined();
  });
});

describe("the local networks", () => {
  const networks = (...routes: object[]) => localNetworks(ipWith(routes));

  test("are the private ones that have a route, the widest of each", async () => {
    const routes = ["default", "203.0.113.0/24", "172.16.0.0/24", "172.16.0.0/16", "192.168.7.0/24", "172.16.0.0/16", "10.0.0.5"];
    expect(await networks(...routes.map((dst) => ({ dst, dev: "eth0" })))).toEqual(["172.16.0.0/16", "192.168.7.0/24"]);
  });

  test.each(["docker0", "br-1a2b", "virbr0", "vti5347", "tun0", "wg0", "lo"])("are not those behind %s", async (dev) => {
    expect(await networks({ dst: "172.18.0.0/16", dev })).toEqual([]);
  });

  test("are not the agent's own routes, nor such as lead nowhere", async () => {
    expect(
      await networks({ dst: "10.0.0.0/16", dev: "eth0", protocol: "83" }, { type: "unreachable", dst: "10.9.0.0/16" }),
    ).toEqual([]);
  });

  test("are none where `ip` fails or says something else", async () => {
    expect(await localNetworks(ipWith(new Error("no ip")))).toEqual([]);
    expect(await localNetworks(ipWith("text"))).toEqual([]);
  });
});
