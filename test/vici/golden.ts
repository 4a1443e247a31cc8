import { readdirSync, readFileSync } from "node:fs";
import { Framer } from "../../agent/vici/framer.ts";
import { decodePacket, type Packet } from "../../agent/vici/packet.ts";
import type { ViciMessage } from "../../agent/vici/types.ts";

const read = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");

/** Everything that a real charon sent on one connection; how it was recorded is told in fixtures/README.md. */
export const golden = (name: string): Buffer => Buffer.from(read(`${name}.base64`), "base64");

/** What the ipsec command of the same strongSwan printed. */
export const goldenText = (name: string): string => read(`${name}.txt`);

/** Every recording there is. */
export const GOLDEN_NAMES = readdirSync(new URL("fixtures", import.meta.url))
  .filter((file) => file.endsWith(".base64"))
  .map((file) => file.replace(".base64", ""));

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
