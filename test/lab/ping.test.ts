import { describe, expect, it } from "vitest";
import { checkNoLoss, parsePing, withoutInFlight } from "./ping.ts";

const OUTPUT = `PING 10.0.0.10 (10.0.0.10) 56(84) bytes of data.
[1700000000.000000] 64 bytes from 10.0.0.10: icmp_seq=1 ttl=62 time=0.914 ms
[1700000000.050000] 64 bytes from 10.0.0.10: icmp_seq=2 ttl=62 time=0.601 ms
[1700000000.150000] no answer yet for icmp_seq=3
[1700000000.200000] no answer yet for icmp_seq=4
[1700000000.250000] 64 bytes from 10.0.0.10: icmp_seq=5 ttl=62 time=0.7 ms
[1700000000.260000] 64 bytes from 10.0.0.10: icmp_seq=4 ttl=62 time=60 ms

--- 10.0.0.10 ping statistics ---
5 packets transmitted, 4 received, 20% packet loss, time 253ms
rtt min/avg/max/mdev = 0.601/15.5/60/25 ms
`;

describe("a series of pings", () => {
  const series = parsePing(OUTPUT);

  it("counts as ping itself does", () => {
    expect({ sent: series.sent, received: series.received }).toEqual({ sent: 5, received: 4 });
  });

  it("tells for each packet whether it was answered, also when the answer is late", () => {
    expect(series.packets.map(({ sequence, answered }) => `${sequence}${answered ? "+" : "-"}`)).toEqual([
      "1+",
      "2+",
      "3-",
      "4+",
      "5+",
    ]);
  });

  it("measures the longest time without an answer", () => {
    expect(series.longestGapSeconds).toBeCloseTo(0.2, 3);
  });

  it("is told of when it should have lost nothing", () => {
    expect(() => checkNoLoss(series, "meanwhile")).toThrow("meanwhile: 1 of 5 pings lost (3), the longest gap 0.20 s");
    expect(() => checkNoLoss({ ...series, received: 5 }, "meanwhile")).not.toThrow();
    expect(() => checkNoLoss(parsePing(""), "meanwhile")).toThrow("0 of 0");
  });

  it("does not count those on their way when it was stopped, unless there are too many for that", () => {
    const text = OUTPUT.replace("5 packets transmitted", "7 packets transmitted").replace(
      "\n\n---",
      "\n[1] no answer yet for icmp_seq=6\n\n---",
    );
    const stopped = parsePing(text);
    expect(withoutInFlight(stopped, 4)).toMatchObject({ sent: 5, received: 4 });
    expect(withoutInFlight(stopped, 4).packets.at(-1)?.sequence).toBe(5);
    expect(withoutInFlight(stopped, 1)).toEqual(stopped);
  });

  it("is empty when ping could not run", () => {
    expect(parsePing("ping: connect: Network is unreachable\n")).toEqual({
      sent: 0,
      received: 0,
      longestGapSeconds: 0,
      packets: [],
    });
  });
});
