import { describe, expect, it } from "vitest";
import { type Flow, StallDetector } from "../../agent/observe/stall.ts";

/**
 * One look a line: "SECONDS TUNNEL [TUNNEL] -> STALLED", a tunnel being "IN/OUT" packets or "IN/OUT@SPI", and what is stalled
 * after it ("-", "1", "2", "12"). Returns the lines with the verdicts that the detector came to; "!" where one changed.
 */
const play = (lines: readonly string[]): string[] => {
  const detector = new StallDetector();
  return lines.map((line) => {
    const [at = "", ...words] = (line.split("->")[0] ?? "").trim().split(/\s+/);
    const flows = words.map((word, n): Flow => {
      const [packets = "", sa = "c1"] = word.split("@");
      const [packetsIn, packetsOut] = packets.split("/").map(Number);
      return { conn: String(n + 1), packetsIn: packetsIn ?? 0, packetsOut: packetsOut ?? 0, sa };
    });
    const changed = detector.take(flows, Number(at) * 1000);
    const stalled = flows.filter(({ conn }) => detector.isStalled(conn)).map(({ conn }) => conn);
    return line.replace(/->.*/, `-> ${stalled.join("") || "-"}${changed ? "!" : ""}`);
  });
};

const SITUATIONS: Readonly<Record<string, readonly string[]>> = {
  "silence after traffic is a stall": ["0 10/10 -> -", "1 20/20 -> -", "2 20/30 -> 1!", "3 20/40 -> 1"],
  "two packets without an answer prove nothing": ["0 10/10 -> -", "1 20/20 -> -", "2 20/22 -> -", "3 20/23 -> 1!"],
  "silence both ways is no stall": ["0 10/10 -> -", "1 20/20 -> -", "9 20/20 -> -", "60 20/20 -> -"],
  "one-way traffic is no stall": ["0 0/0 -> -", "11 0/500 -> -", "12 0/600 -> -", "13 0/700 -> -"],
  "traffic that nobody answered for long is one-way": ["0 10/10 -> -", "1 20/20 -> -", "12 20/30 -> -", "13 20/90 -> -"],
  "a gap of less than 0.8 s is jitter": ["0 10/10 -> -", "1 20/20 -> -", "1.7 20/40 -> -", "1.8 20/41 -> 1!"],
  "an answer now and then is enough": ["0 10/10 -> -", "1 11/20 -> -", "2 12/60 -> -", "3 13/120 -> -"],
  "a packet that comes in ends a stall": ["0 10/10 -> -", "1 20/20 -> -", "2 20/30 -> 1!", "3 21/31 -> -!"],
  "another CHILD_SA ends a stall": [
    "0 10/10@c1 -> -",
    "1 20/20@c1 -> -",
    "2 20/30@c1 -> 1!",
    "3 20/30@c2 -> -!",
    "3.5 20/33@c2 -> -",
  ],
  "another CHILD_SA that stays silent stalls anew": [
    "0 10/10@c1 -> -",
    "1 20/20@c1 -> -",
    "2 20/30@c1 -> 1!",
    "3 20/30@c2 -> -!",
    "3.9 20/32@c2 -> -",
    "4.1 20/33@c2 -> 1!",
  ],
  "a rekey under traffic is no stall": ["0 10/10@c1 -> -", "1 20/20@c1 -> -", "2 30/30@c2 -> -", "3 40/40@c2 -> -"],
  "a rekey between two looks without an answer is given its time": [
    "0 10/10@c1 -> -",
    "1 20/20@c1 -> -",
    "2 20/30@c2 -> -",
    "3 20/40@c2 -> 1!",
  ],
  "a tunnel that lost its CHILD_SA is not stalled but down": ["0 10/10 -> -", "1 20/20 -> -", "2 20/30 -> 1!", "3 20/30@ -> -!"],
  "answers by the other tunnel are answers": ["0 0/10 10/0 -> -", "1 0/20 20/0 -> -", "2 0/30 30/0 -> -", "20 0/99 99/0 -> -"],
  "of two tunnels the one that sends is stalled": ["0 10/10 5/5 -> -", "1 20/20 5/5 -> -", "2 20/30 5/5 -> 1!"],
  "both are stalled when both send": ["0 10/10 5/5 -> -", "1 20/20 9/9 -> -", "2 20/30 9/19 -> 12!"],
  "a packet by the other tunnel does not end a stall": [
    "0 0/10 10/0 -> -",
    "1 0/20 20/0 -> -",
    "2 0/30 20/0 -> 1!",
    "3 0/30 30/10 -> 1",
    "4 1/30 40/20 -> -!",
  ],
  "after a move the silent tunnel stays stalled while the other one passes": [
    "0 10/10 0/0 -> -",
    "1 20/20 0/0 -> -",
    "2 20/30 0/0 -> 1!",
    "3 20/31 10/10 -> 1",
    "60 20/31 99/99 -> 1",
  ],
};

describe("stalls, told from the counters alone", () => {
  it.each(Object.entries(SITUATIONS))("%s", (_name, lines) => {
    expect(play(lines)).toEqual(lines);
  });
});
