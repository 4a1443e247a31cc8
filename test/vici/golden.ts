import { readFileSync } from "node:fs";
import { Framer } from "../../agent/vici/framer.ts";
import { decodePacket, type Packet } from "../../agent/vici/packet.ts";
import type { ViciMessage } from "../../agent/vici/types.ts";

const read = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");

/** Everything that a real charon sent on one connection; how it was recorded is told in fixtures/README.md. */
export const golden = (name: string): Buffer => Buffer.from(read(`${name}.base64`), "base64");

/** What the ipsec command of the same strongSwan printed. */
export const goldenText = (name: string): string => read(`${name}.txt`);

export const GOLDEN_NAMES = [
  "alert",
  "command-unknown",
  "error-initiate",
  "error-load-conn",
  "error-rekey",
  "error-terminate",
  "error-unload-conn",
  "event-unknown",
  "events-down",
  "events-rekey",
  "events-up",
  "get-algorithms",
  "initiate",
  "list-conns",
  "list-sas",
  "list-sas-empty",
  "load-conn",
  "rekey",
  "stats",
  "terminate",
  "version",
];

export const segmentsOf = (bytes: Buffer): Buffer[] => {
  const segments: Buffer[] = [];
  new Framer().push(bytes, (segment) => segments.push(segment));
  return segments;
};

export const packetsOf = (name: string): Packet[] => segmentsOf(golden(name)).map(decodePacket);

/** The contents of the recorded events of one name. */
export const eventsOf = (name: string, event: string): ViciMessage[] =>
  packetsOf(name).flatMap((packet) => (packet.kind === "event" && packet.name === event ? [packet.message] : []));

/** The content of the one recorded response. */
export const responseOf = (name: string): ViciMessage => {
  const response = packetsOf(name).find((packet) => packet.kind === "response");
  if (response?.kind !== "response") throw new Error(`no response in ${name}`);
  return response.message;
};
