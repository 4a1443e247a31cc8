import { encodePacket, type Packet } from "./packet.ts";
import { protocolError } from "./problem.ts";

/** charon refuses longer segments, and never sends one. */
export const MAX_SEGMENT_BYTES = 512 * 1024;

const HEADER_BYTES = 4;

/** A packet as it goes on the socket: its length as u32 big-endian, which does not count itself, then the packet. */
export const encodeSegment = (packet: Packet): Buffer => {
  const body = encodePacket(packet);
  if (body.length > MAX_SEGMENT_BYTES)
    throw new RangeError(`a VICI segment has ${MAX_SEGMENT_BYTES} bytes at most, not ${body.length}`);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
};

/**
 * Cuts a byte stream into segments, wherever the stream was split. Every byte is copied once, into a buffer of the announced
 * length, so that it never holds more than one segment.
 */
export class Framer {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #body: Buffer | undefined;
  #filled = 0;

  /**
   * Hands every segment that is complete now to `onSegment`, without its length. Throws VICI_PROTOCOL for a length above
   * MAX_SEGMENT_BYTES, after the segments before it; the stream cannot be read on from there.
   */
  push(chunk: Buffer, onSegment: (segment: Buffer) => void): void {
    let offset = 0;
    while (offset < chunk.length) {
      const target = this.#body ?? this.#header;
      const copied = chunk.copy(target, this.#filled, offset);
      offset += copied;
      this.#filled += copied;
      if (this.#filled === target.length) this.#complete(onSegment);
    }
  }

  #complete(onSegment: (segment: Buffer) => void): void {
    const body = this.#body ?? this.#announcedBody();
    const isWhole = this.#body !== undefined || body.length === 0;
    this.#filled = 0;
    this.#body = isWhole ? undefined : body;
    if (isWhole) onSegment(body);
  }

  #announcedBody(): Buffer {
    const length = this.#header.readUInt32BE();
    if (length > MAX_SEGMENT_BYTES) throw protocolError(`a segment of ${length} bytes, more than ${MAX_SEGMENT_BYTES}`);
    return Buffer.allocUnsafe(length);
  }
}
