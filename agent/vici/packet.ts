import { decodeMessage, encodeMessage } from "./codec.ts";
import { protocolError } from "./problem.ts";
import type { ViciMessage } from "./types.ts";

/** One segment on the socket. The agent sends command, register and unregister; charon sends the others. */
export type Packet =
  | { readonly kind: "command"; readonly name: string; readonly message: ViciMessage }
  | { readonly kind: "response"; readonly message: ViciMessage }
  | { readonly kind: "command-unknown" }
  | { readonly kind: "register"; readonly name: string }
  | { readonly kind: "unregister"; readonly name: string }
  | { readonly kind: "confirm" }
  | { readonly kind: "event-unknown" }
  | { readonly kind: "event"; readonly name: string; readonly message: ViciMessage };

/** In the order of their numbers on the wire. Source: strongSwan, src/libcharon/plugins/vici/README.md. */
const KINDS = ["command", "response", "command-unknown", "register", "unregister", "confirm", "event-unknown", "event"] as const;

/** Writes a packet without the length in front of it. */
export const encodePacket = (packet: Packet): Buffer => {
  const parts: Buffer[] = [Buffer.of(KINDS.indexOf(packet.kind))];
  if ("name" in packet) {
    const name = Buffer.from(packet.name, "utf8");
    if (name.length > 0xff) throw new RangeError("a VICI command or event has a name of 255 bytes at most");
    parts.push(Buffer.of(name.length), name);
  }
  if ("message" in packet) parts.push(encodeMessage(packet.message));
  return Buffer.concat(parts);
};

const splitName = (body: Buffer): [string, Buffer] => {
  const length = body[0];
  if (length === undefined || length + 1 > body.length) throw protocolError("a packet that ends in the middle of its name");
  return [body.toString("utf8", 1, length + 1), body.subarray(length + 1)];
};

/** A packet that has no content must be empty: anything behind it means that the two sides have lost step. */
const withoutContent = <P>(packet: P, body: Buffer): P => {
  if (body.length > 0) throw protocolError("a packet with content where none belongs");
  return packet;
};

/** Reads one segment (without its length). Throws VICI_PROTOCOL for anything that is no packet. */
export const decodePacket = (segment: Buffer): Packet => {
  const kind = KINDS[segment[0] ?? KINDS.length];
  const body = segment.subarray(1);
  if (kind === undefined) throw protocolError(segment.length === 0 ? "an empty packet" : `packet type ${segment[0]}`);
  if (kind === "response") return { kind, message: decodeMessage(body) };
  if (kind === "command-unknown" || kind === "confirm" || kind === "event-unknown") return withoutContent({ kind }, body);
  const [name, rest] = splitName(body);
  if (kind === "register" || kind === "unregister") return withoutContent({ kind, name }, rest);
  return { kind, name, message: decodeMessage(rest) };
};
