import { describe, expect, it } from "vitest";
import { encodeSegment, Framer, MAX_SEGMENT_BYTES } from "../../agent/vici/framer.ts";
import { golden, segmentsOf } from "./golden.ts";

const header = (length: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
};

const pushAll = (chunks: Buffer[]): Buffer[] => {
  const framer = new Framer();
  const segments: Buffer[] = [];
  for (const chunk of chunks) framer.push(chunk, (segment) => segments.push(segment));
  return segments;
};

describe("Framer", () => {
  it("finds the same segments wherever a real charon's bytes are split", () => {
    const bytes = golden("events-up");
    const whole = segmentsOf(bytes);
    expect(whole).toHaveLength(2);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(pushAll([bytes.subarray(0, at), bytes.subarray(at)]), `split at ${at}`).toEqual(whole);
    }
  });

  it("finds them when every byte comes alone", () => {
    const bytes = golden("list-sas");
    expect(pushAll(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(segmentsOf(bytes));
  });

  it("hands over an empty segment at once", () => {
    expect(pushAll([header(0), header(1), Buffer.of(9)])).toEqual([Buffer.alloc(0), Buffer.of(9)]);
  });

  it("takes the longest segment that charon sends", () => {
    const body = Buffer.alloc(MAX_SEGMENT_BYTES, 7);
    expect(pushAll([header(body.length), body])).toEqual([body]);
  });

  it("refuses a longer one after handing over those before it", () => {
    const segments: Buffer[] = [];
    const push = () =>
      new Framer().push(Buffer.concat([header(1), Buffer.of(5), header(MAX_SEGMENT_BYTES + 1)]), (segment) =>
        segments.push(segment),
      );
    expect(push).toThrow(expect.objectContaining({ code: "VICI_PROTOCOL" }));
    expect(segments).toEqual([Buffer.of(5)]);
  });

  it("keeps its own copy, so that the socket may use its buffer again", () => {
    const chunk = Buffer.concat([header(2), Buffer.from("ab")]);
    const [segment] = pushAll([chunk]);
    chunk.fill(0);
    expect(segment?.toString()).toBe("ab");
  });

  it("needs time in proportion to the bytes, also for a long segment in small pieces", () => {
    const piece = Buffer.alloc(16);
    const timeFor = (bytes: number): number => {
      const framer = new Framer();
      framer.push(header(bytes), () => {});
      const start = performance.now();
      for (let sent = 0; sent < bytes; sent += piece.length) framer.push(piece, () => {});
      return performance.now() - start;
    };
    timeFor(MAX_SEGMENT_BYTES);
    expect(timeFor(MAX_SEGMENT_BYTES)).toBeLessThan(200);
  });
});

describe("encodeSegment", () => {
  it("puts the length in front, which does not count itself", () => {
    expect([...encodeSegment({ kind: "register", name: "log" })]).toEqual([0, 0, 0, 5, 3, 3, 108, 111, 103]);
  });

  it("refuses a packet that charon would refuse", () => {
    const items = Array(9).fill("v".repeat(65_535));
    expect(() => encodeSegment({ kind: "command", name: "load-conn", message: { items } })).toThrow(/524288 bytes at most/);
  });
});
