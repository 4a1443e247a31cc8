import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { gatherTcpMss, parseMss } from "../../agent/check/tcp-mss.ts";
import { tunnelPaths } from "../../agent/check/tunnel-paths.ts";
import { childUp, ikeUp, sample, sampleEntry, sampleSettings, tunnelOf } from "../sample.ts";
import { commandsOf } from "./support.ts";

const never = new AbortController().signal;

/** As iproute2 6.1 printed it. */
const SS =
  "ESTAB 0 0 172.16.0.2:40000 10.0.0.10:8080\n\t ts sack cubic wscale:7,7 rto:204 rtt:0.8/0.4 mss:1348 pmtu:1400 rcvmss:536 advmss:1360 cwnd:10\n";

/** A listener in the space's place, on 127.0.0.1. */
const listen = async (): Promise<number> => {
  const server = createServer((socket) => socket.on("error", () => undefined));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

/** Both tunnels are up; this host's address in the local network is a loopback one. */
const paths = (port: number) => {
  const probe = { target: "127.0.0.1", protocol: "tcp", port };
  const settings = sampleSettings([sampleEntry({ probe })]);
  const own = sample({ settings });
  const sas = ([1, 2] as const).map((index) => {
    const tunnel = tunnelOf(own, index);
    return ikeUp(tunnel, { childSas: [childUp(tunnel)] });
  });
  const found = tunnelPaths({ settings, tunnels: own.desired.tunnels, sas, addresses: ["172.16.0.2"] });
  return found.map((path) => ({ ...path, source: "127.0.0.1" }));
};

it("reads the connection's own MSS, with room for time stamps, not the others beside it", () => {
  expect(parseMss(SS)).toBe(1360);
  expect(parseMss(SS.replace("ts sack", ""))).toBe(1348);
  expect(parseMss("ESTAB 0 0 rcvmss:536 advmss:1360")).toBeUndefined();
});

describe("gatherTcpMss", () => {
  it("connects through the tunnel that the route takes, and asks ss for that connection", async () => {
    const port = await listen();
    const [, second] = paths(port);
    const lines: string[] = [];
    const commands = commandsOf((line) => {
      lines.push(line);
      return { output: line.startsWith("ss ") ? SS : `[{"dev":"${second?.tunnel.link}"}]` };
    });
    await expect(gatherTcpMss(commands, paths(port), never)).resolves.toEqual([{ ref: second?.tunnel.ref, index: 2, mss: 1360 }]);
    expect(lines.filter((line) => line.startsWith("ss "))).toEqual([
      expect.stringMatching(new RegExp(`^ss -Htin src 127\\.0\\.0\\.1:\\d+ and dst 127\\.0\\.0\\.1:${port}$`)),
    ]);
  });

  it("does not know it where the target refuses", async () => {
    const [first] = paths(1);
    const commands = commandsOf(() => ({ output: `[{"dev":"${first?.tunnel.link}"}]` }));
    await expect(gatherTcpMss(commands, paths(1), never)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("does not wait for a connection when the time is over already", async () => {
    const port = await listen();
    const [first] = paths(port);
    const commands = commandsOf(() => ({ output: `[{"dev":"${first?.tunnel.link}"}]` }));
    await expect(gatherTcpMss(commands, paths(port), AbortSignal.abort())).rejects.toThrow(/in time/);
  });

  it("does not know it where nothing is probed over TCP", async () => {
    const pinged = paths(1).map((path) => ({ ...path, port: undefined }));
    await expect(
      gatherTcpMss(
        commandsOf(() => undefined),
        pinged,
        never,
      ),
    ).rejects.toThrow("Measured where probe.protocol is tcp.");
  });
});
