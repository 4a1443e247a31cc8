import { systemClock } from "../../agent/lib/clock.ts";
import { check } from "./check.ts";
import type { Processes, Running } from "./processes.ts";
import { SAMPLE } from "./sample.ts";
import { inNamespace } from "./topology.ts";

interface PingPacket {
  readonly sequence: number;
  readonly answered: boolean;
  /** Present when answered, in milliseconds. */
  readonly roundTripMs?: number;
}

export interface PingSeries {
  readonly sent: number;
  readonly received: number;
  /** The longest time between two answers that follow each other; the interval itself when none was lost. */
  readonly longestGapSeconds: number;
  /** In the order of their sequence numbers. */
  readonly packets: readonly PingPacket[];
}

const ANSWER = /^\[([\d.]+)\] \d+ bytes from .*icmp_seq=(\d+) .*time=([\d.]+) ms/;
const MISSING = /^\[[\d.]+\] no answer yet for icmp_seq=(\d+)/;
const SUMMARY = /^(\d+) packets transmitted, (\d+) received/m;

/** Reads the whole output of `ping -O -D`, its summary included. */
export const parsePing = (text: string): PingSeries => {
  const packets = new Map<number, PingPacket>();
  const times: number[] = [];
  for (const line of text.split("\n")) {
    const [answer, missing] = [ANSWER.exec(line), MISSING.exec(line)];
    if (answer) {
      times.push(Number(answer[1]));
      packets.set(Number(answer[2]), { sequence: Number(answer[2]), answered: true, roundTripMs: Number(answer[3]) });
    } else if (missing && !packets.has(Number(missing[1]))) {
      packets.set(Number(missing[1]), { sequence: Number(missing[1]), answered: false });
    }
  }
  const summary = SUMMARY.exec(text);
  return {
    sent: Number(summary?.[1] ?? packets.size),
    received: Number(summary?.[2] ?? times.length),
    longestGapSeconds: times.slice(1).reduce((longest, time, index) => Math.max(longest, time - (times[index] ?? time)), 0),
    packets: [...packets.values()].sort((a, b) => a.sequence - b.sequence),
  };
};

/**
 * The series without those at its end that were still on their way when it was stopped: `count` at most. More than that without
 * an answer are lost.
 */
export const withoutInFlight = (series: PingSeries, count: number): PingSeries => {
  const last = series.packets.findLast(({ answered }) => answered)?.sequence ?? 0;
  if (series.sent - last > count) return series;
  return { ...series, sent: last, packets: series.packets.filter(({ sequence }) => sequence <= last) };
};

/** An answer takes no longer, even on a machine that is busy. */
const IN_FLIGHT_SECONDS = 0.2;

const command = (intervalSeconds: number, extra: readonly string[]): string[] =>
  inNamespace("lan", ["ping", "-n", "-O", "-D", "-i", String(intervalSeconds), ...extra, SAMPLE.dyno]);

/** `count` pings from the LAN to the dyno; waits at most two seconds for the last answer. */
export const ping = async (processes: Processes, count: number, intervalSeconds = 0.05): Promise<PingSeries> => {
  const { stdout } = await processes.run(command(intervalSeconds, ["-c", String(count), "-W", "2"]), { mayFail: true });
  return parsePing(stdout);
};

/** Throws unless every ping was answered, and there were some. */
export const checkNoLoss = ({ sent, received, longestGapSeconds, packets }: PingSeries, what: string): void => {
  const lost = packets.filter(({ answered }) => !answered).map(({ sequence }) => sequence);
  check(
    sent > 0 && received === sent,
    `${what}: ${sent - received} of ${sent} pings lost (${lost.slice(0, 20).join(", ")}), the longest gap ${longestGapSeconds.toFixed(2)} s`,
  );
};

/** A series that runs while something happens to the tunnels. */
export class PingWatch {
  readonly #running: Running;
  readonly #inFlight: number;

  constructor(processes: Processes, intervalSeconds = 0.05) {
    this.#inFlight = Math.ceil(IN_FLIGHT_SECONDS / intervalSeconds);
    this.#running = processes.start("ping", command(intervalSeconds, []));
  }

  /** Ends the series, after `settleSeconds` in which the last answers may still come. */
  async stop(settleSeconds = 0.3): Promise<PingSeries> {
    await systemClock.sleep(settleSeconds * 1000);
    await this.#running.stop("SIGINT");
    return withoutInFlight(parsePing(this.#running.output()), this.#inFlight);
  }
}
