import { parentPort, workerData } from "node:worker_threads";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { parseStatusall } from "../../agent/observe/statusall.ts";
import { parseConns } from "../../agent/vici/conns.ts";
import { Framer } from "../../agent/vici/framer.ts";
import { decodePacket } from "../../agent/vici/packet.ts";
import { parseUpdown } from "../../agent/vici/sas.ts";
import { GOLDEN_NAMES, golden, goldenText, segmentsOf } from "../vici/golden.ts";
import { Random } from "../vici/random.ts";

/** What the worker is told, and what it tells each time it has fed some more. */
export interface FuzzOrder {
  readonly target: "vici" | "statusall";
  readonly bytes: number;
  readonly seed: number;
}

export interface FuzzProgress {
  /** Bytes fed so far. */
  readonly spent: number;
  readonly inputs: number;
  readonly refused: number;
  /** Milliseconds of the slowest input. */
  readonly slowestMs: number;
  /** Bytes that the worker holds: its heap and its buffers. */
  readonly held: number;
}

const REPORT_EVERY = 100_000;

const interpret = (segment: Buffer): void => {
  const packet = decodePacket(segment);
  if (!("message" in packet)) return;
  parseUpdown(packet.message);
  parseConns(packet.message);
};

/** Some bytes changed, a piece cut out, put in, or repeated. */
const mutate = (random: Random, original: Buffer): Buffer => {
  const bytes = Buffer.from(original);
  for (let left = 1 + random.below(4); left > 0; left -= 1) bytes[random.below(bytes.length)] = random.below(256);
  const [at, end] = [random.below(bytes.length), random.below(bytes.length)];
  const kind = random.below(5);
  if (kind === 0) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at)]);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(at, end), end), bytes.subarray(at)]);
  return bytes;
};

const inPieces = (random: Random, bytes: Buffer): void => {
  const framer = new Framer();
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(400);
    framer.push(bytes.subarray(at, end), interpret);
    at = end;
  }
};

type Feed = (random: Random) => { readonly size: number; readonly read: () => void };

const feedVici = (): Feed => {
  const streams = GOLDEN_NAMES.map(golden);
  const segments = streams.flatMap(segmentsOf);
  return (random) => {
    const kind = random.below(3);
    if (kind === 0) {
      const bytes = random.bytes(1 + random.below(400));
      return { size: bytes.length, read: () => inPieces(random, bytes) };
    }
    if (kind === 1) {
      const bytes = mutate(random, random.pick(segments));
      return { size: bytes.length, read: () => interpret(bytes) };
    }
    const bytes = mutate(random, random.pick(streams));
    return { size: bytes.length, read: () => inPieces(random, bytes) };
  };
};

const feedStatusall = (): Feed => {
  const texts = ["statusall", "statusall-no-sas", "status"].map((name) => Buffer.from(goldenText(name)));
  return (random) => {
    const bytes = random.below(3) === 0 ? random.bytes(1 + random.below(2000)) : mutate(random, random.pick(texts));
    return { size: bytes.length, read: () => parseStatusall(bytes.toString("utf8")) };
  };
};

/** Returns whether it was refused; anything but a VICI_PROTOCOL error ends the run. */
const swallow = (read: () => void): boolean => {
  try {
    read();
    return false;
  } catch (error) {
    if (error instanceof SpacegateError && error.code === "VICI_PROTOCOL") return true;
    throw error;
  }
};

const held = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const { target, bytes, seed } = workerData as FuzzOrder;
const random = new Random(seed);
const feed = target === "vici" ? feedVici() : feedStatusall();
let [spent, inputs, refused, slowestMs, reported] = [0, 0, 0, 0, 0];
while (spent < bytes) {
  const { size, read } = feed(random);
  const startedAt = performance.now();
  if (swallow(read)) refused += 1;
  slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  spent += size;
  inputs += 1;
  if (spent - reported < REPORT_EVERY && spent < bytes) continue;
  reported = spent;
  parentPort?.postMessage({ spent, inputs, refused, slowestMs, held: held() } satisfies FuzzProgress);
}
