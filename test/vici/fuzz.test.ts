import { describe, expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { parseConns } from "../../agent/vici/conns.ts";
import { Framer } from "../../agent/vici/framer.ts";
import { decodePacket } from "../../agent/vici/packet.ts";
import { parseUpdown } from "../../agent/vici/sas.ts";
import { GOLDEN_NAMES, golden, segmentsOf } from "./golden.ts";
import { Random } from "./random.ts";

/** How many bytes each test feeds; FUZZ_BYTES=10000000 for a long run. */
const TOTAL = Number(process.env.FUZZ_BYTES ?? 500_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);

/** Reads it as the agent would; whatever is no VICI must be refused as such, and what is must be bearable. */
const swallow = (read: () => void): "read" | "refused" => {
  try {
    read();
    return "read";
  } catch (error) {
    if (error instanceof SpacegateError && error.code === "VICI_PROTOCOL") return "refused";
    throw error;
  }
};

const interpret = (segment: Buffer): void => {
  const packet = decodePacket(segment);
  if (!("message" in packet)) return;
  parseUpdown(packet.message);
  parseConns(packet.message);
};

/** Feeds inputs of a generator until TOTAL bytes are spent; counts what became of them. */
const feed = (next: (random: Random) => Buffer, read: (input: Buffer) => void): { read: number; refused: number } => {
  const random = new Random(SEED);
  const counts = { read: 0, refused: 0 };
  for (let spent = 0; spent < TOTAL; ) {
    const input = next(random);
    counts[swallow(() => read(input))] += 1;
    spent += input.length + 1;
  }
  return counts;
};

const segments = GOLDEN_NAMES.flatMap((name) => segmentsOf(golden(name)));
const streams = GOLDEN_NAMES.map(golden);

/** Some bytes changed, one cut out, or one put in. */
const mutate = (random: Random, original: Buffer): Buffer => {
  const bytes = Buffer.from(original);
  for (let left = 1 + random.below(4); left > 0; left -= 1) bytes[random.below(bytes.length)] = random.below(256);
  const at = random.below(bytes.length);
  const kind = random.below(4);
  if (kind === 0) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), random.bytes(1), bytes.subarray(at)]);
  return bytes;
};

const inPieces = (random: Random, bytes: Buffer): void => {
  const framer = new Framer();
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(40);
    framer.push(bytes.subarray(at, end), interpret);
    at = end;
  }
};

describe("garbage", () => {
  it("of random bytes is refused as such or read, never anything else", () => {
    const { refused } = feed((random) => random.bytes(random.below(200)), interpret);
    expect(refused).toBeGreaterThan(TOTAL / 400);
  });

  it("of small numbers, which look like elements, likewise", () => {
    const elements = (random: Random) => Buffer.from(random.bytes(random.below(60)).map((byte) => byte % 9));
    const { read, refused } = feed(elements, interpret);
    expect(Math.min(read, refused)).toBeGreaterThan(100);
  });

  it("made of a real charon's packets likewise", () => {
    const { read, refused } = feed((random) => mutate(random, random.pick(segments)), interpret);
    expect(Math.min(read, refused)).toBeGreaterThan(10);
  });

  it("in a stream that comes in pieces likewise", () => {
    const pieces = new Random(SEED + 1);
    const { read, refused } = feed(
      (random) => mutate(random, random.pick(streams)),
      (bytes) => inPieces(pieces, bytes),
    );
    expect(Math.min(read, refused)).toBeGreaterThan(10);
  });
});
