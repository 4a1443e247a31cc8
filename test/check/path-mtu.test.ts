import { describe, expect, it } from "vitest";
import type { Commands } from "../../agent/check/host-reader.ts";
import { awsMtu, gatherPathMtus, largestPassing } from "../../agent/check/path-mtu.ts";
import { tunnelPaths } from "../../agent/check/tunnel-paths.ts";
import { childUp, DOCUMENTED, ikeUp, sample, sampleEntry, sampleSettings, tunnelOf } from "../sample.ts";
import { commandsOf } from "./support.ts";

describe("awsMtu", () => {
  it.each([
    ["aes256-sha256-modp2048", 1438, 1422],
    ["aes256-sha1-modp2048", 1438, 1422],
    ["aes256-sha384-modp2048", 1422, 1422],
    ["aes256-sha512-modp2048", 1422, 1406],
    ["aes256gcm16-modp2048", 1446, 1438],
  ])("of %s is %i, with ESP in UDP %i", (proposal, plain, encap) => {
    expect(awsMtu(proposal, false)).toBe(plain);
    expect(awsMtu(proposal, true)).toBe(encap);
  });
});

describe("largestPassing", () => {
  const upTo = (mtu: number) => async (bytes: number) => bytes <= mtu;

  it.each([1419, 1418, 1230, 577, 576, 575, 84])("finds %i bytes to the byte", async (mtu) => {
    await expect(largestPassing(upTo(mtu), 1419)).resolves.toBe(mtu);
  });

  it("gives nothing when nothing passes", async () => {
    await expect(largestPassing(upTo(83), 1419)).resolves.toBeNull();
  });

  it("asks once when all is well", async () => {
    const asked: number[] = [];
    await largestPassing(async (bytes) => asked.push(bytes) > 0, 1419);
    expect(asked).toEqual([1419]);
  });
});

describe("gatherPathMtus", () => {
  const settings = sampleSettings([sampleEntry({ probe: { target: "10.0.0.10" } })]);
  const own = sample({ settings });
  const world = {
    settings,
    tunnels: own.desired.tunnels,
    addresses: [DOCUMENTED.local],
    sas: [ikeUp(tunnelOf(own, 2), { childSas: [childUp(tunnelOf(own, 2), { encap: true })] })],
  };
  const measure = (commands: Commands, changes: Partial<typeof world> = {}, signal = new AbortController().signal) =>
    gatherPathMtus(commands, tunnelPaths({ ...world, ...changes }), signal);

  it("sends unfragmented packets through the tunnel that is up, by its mark, from an address that fits", async () => {
    const lines: string[] = [];
    const commands = commandsOf((line) => {
      lines.push(line);
      return line.startsWith("ip ") ? { output: '[{"ifname":"x","mtu":1419}]' } : { exitCode: 0 };
    });
    const { link, probeMark } = tunnelOf(own, 2);
    await expect(measure(commands)).resolves.toEqual([
      { ref: tunnelOf(own, 2).ref, index: 2, target: "10.0.0.10", expected: 1419, bytes: 1419 },
    ]);
    expect(lines).toEqual([
      `ip -json link show dev ${link}`,
      `ping -n -q -c 2 -i 0.2 -W 1 -M do -s 1391 -m ${probeMark} -I 172.16.0.2 10.0.0.10`,
    ]);
  });

  it("asks the route for the interface where there is no link of the tunnel's own", async () => {
    const lines: string[] = [];
    const commands = commandsOf((line) => {
      lines.push(line);
      if (line.includes("route get")) return { output: '[{"dst":"10.0.0.10","dev":"wan0"}]' };
      return line.startsWith("ip ") ? { output: '[{"mtu":1500}]' } : { exitCode: 0 };
    });
    const tunnels = world.tunnels.map(({ link: _link, mark: _mark, probeMark: _probeMark, ...tunnel }) => tunnel);
    const [measured] = await measure(commands, { tunnels });
    expect(measured?.expected).toBe(1422);
    expect(lines.slice(0, 2)).toEqual(["ip -json route get 10.0.0.10 from 172.16.0.2", "ip -json link show dev wan0"]);
  });

  it("sends nothing more when the time is over: whoever asked does not wait for it", async () => {
    const over = new AbortController();
    const pings: string[] = [];
    const commands = commandsOf((line) => {
      if (line.startsWith("ip ")) return { output: '[{"mtu":1500}]' };
      over.abort(new Error("time is over"));
      pings.push(line);
      return { exitCode: 1 };
    });
    await expect(measure(commands, {}, over.signal)).rejects.toThrow("time is over");
    expect(pings).toHaveLength(1);
  });

  it("says why when nothing can be measured", async () => {
    const why = "No tunnel is up that has a probe.target to send packets to.";
    const commands = commandsOf(() => undefined);
    await expect(measure(commands, { sas: [] })).rejects.toThrow(why);
    await expect(measure(commands, { settings: sampleSettings() })).rejects.toThrow(why);
  });
});
