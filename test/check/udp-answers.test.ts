import { createSocket, type Socket } from "node:dgram";
import { describe, expect, it, onTestFinished } from "vitest";
import { askIke, gatherUdpAnswers, talksWith } from "../../agent/check/udp-answers.ts";
import { systemClock } from "../../agent/lib/clock.ts";
import { childUp, ikeUp, sample, tunnelOf } from "../sample.ts";

const never = new AbortController().signal;

/** A VPN gateway on 127.0.0.1 that handles each datagram so; the real port is not 500, which is not ours to open. */
const gatewayThat = async (handle: (datagram: Buffer, answer: (reply: Buffer) => void) => void): Promise<number> => {
  const socket: Socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  socket.on("message", (datagram, from) => handle(datagram, (reply) => socket.send(reply, from.port, from.address)));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket.address().port;
};

const ask = (port: number, signal = never): Promise<boolean> =>
  askIke(systemClock)({ local: "127.0.0.1", remote: "127.0.0.1", port: port as 500, ikeVersion: 1 }, signal);

describe("askIke", () => {
  it("is answered by a gateway that refuses the unknown version, which is asked nothing more", async () => {
    const seen: number[] = [];
    const port = await gatewayThat((datagram, answer) => {
      seen.push(datagram[17] ?? 0);
      answer(datagram);
    });
    await expect(ask(port)).resolves.toBe(true);
    expect(seen).toEqual([0x30]);
  });

  it("is answered by a gateway that knows only genuine negotiations", async () => {
    const port = await gatewayThat((datagram, answer) => {
      if (datagram[17] === 0x10) answer(datagram);
    });
    await expect(ask(port)).resolves.toBe(true);
  });

  it("is not answered by silence, and not by what answers something else", async () => {
    const port = await gatewayThat((_datagram, answer) => answer(Buffer.alloc(28, 7)));
    await expect(ask(port)).resolves.toBe(false);
  });

  it("ends when the time is over", async () => {
    const port = await gatewayThat(() => undefined);
    await expect(ask(port, AbortSignal.timeout(50))).rejects.toThrow();
  });

  it("rejects for an address that this host does not have", async () => {
    const asked = askIke(systemClock)({ local: "192.0.2.1", remote: "127.0.0.1", port: 500, ikeVersion: 1 }, never);
    await expect(asked).rejects.toThrow(/EADDRNOTAVAIL/);
  });
});

it("asks every VPN gateway on both ports", async () => {
  const asked: string[] = [];
  const answers = await gatherUdpAnswers(
    sample().desired.tunnels,
    async ({ local, remote, port, ikeVersion }) => {
      asked.push(`${local} ${remote} ${port} v${ikeVersion}`);
      return port === 500;
    },
    never,
  );
  expect(asked).toEqual([
    "172.16.0.2 34.203.187.158 500 v1",
    "172.16.0.2 34.203.187.158 4500 v1",
    "172.16.0.2 34.227.70.143 500 v1",
    "172.16.0.2 34.227.70.143 4500 v1",
  ]);
  expect(answers.map(({ index, port, answered }) => [index, port, answered])).toEqual([
    [1, 500, true],
    [1, 4500, false],
    [2, 500, true],
    [2, 4500, false],
  ]);
});

it("says that charon talks with a gateway only while packets come in", () => {
  const tunnel = tunnelOf(sample(), 1);
  const sas = (changes: Parameters<typeof childUp>[1]) => [ikeUp(tunnel, { childSas: [childUp(tunnel, changes)] })];
  expect(talksWith(sas({ useInS: 3 }), tunnel.remote)).toBe(true);
  expect(talksWith(sas({ useInS: 10 }), tunnel.remote)).toBe(false);
  expect(talksWith(sas({ useInS: undefined }), tunnel.remote)).toBe(false);
  expect(talksWith(sas({ useInS: 3 }), "192.0.2.9")).toBe(false);
});
