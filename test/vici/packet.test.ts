import { describe, expect, it } from "vitest";
import { encodeSegment } from "../../agent/vici/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../agent/vici/packet.ts";
import { GOLDEN_NAMES, golden, packetsOf } from "./golden.ts";

const message = { key: "value" };
const KEY_VALUE = [3, 3, ...Buffer.from("key"), 0, 5, ...Buffer.from("value")];

const cases: [Packet, number[]][] = [
  [{ kind: "command", name: "ab", message }, [0, 2, 97, 98, ...KEY_VALUE]],
  [{ kind: "response", message }, [1, ...KEY_VALUE]],
  [{ kind: "command-unknown" }, [2]],
  [{ kind: "register", name: "ab" }, [3, 2, 97, 98]],
  [{ kind: "unregister", name: "ab" }, [4, 2, 97, 98]],
  [{ kind: "confirm" }, [5]],
  [{ kind: "event-unknown" }, [6]],
  [{ kind: "event", name: "ab", message }, [7, 2, 97, 98, ...KEY_VALUE]],
];

describe("packets", () => {
  it.each(cases)("are written and read: %o", (packet, bytes) => {
    expect([...encodePacket(packet)]).toEqual(bytes);
    expect(decodePacket(Buffer.from(bytes))).toEqual(packet);
  });

  it.each(GOLDEN_NAMES)("that a real charon sent are written back byte for byte: %s", (name) => {
    expect(Buffer.concat(packetsOf(name).map(encodeSegment))).toEqual(golden(name));
  });

  it("tell a real charon's refusals", () => {
    expect(packetsOf("command-unknown")).toEqual([{ kind: "command-unknown" }]);
    expect(packetsOf("event-unknown")[0]).toEqual({ kind: "event-unknown" });
    expect(packetsOf("error-initiate")).toEqual([
      { kind: "response", message: { success: "no", errmsg: "CHILD_SA config 'no-such-child' not found" } },
    ]);
  });

  it.each<[string, number[]]>([
    ["no bytes at all", []],
    ["a type that does not exist", [8]],
    ["an event without a name", [7]],
    ["an event whose name is cut", [7, 5, 97, 98]],
    ["a confirmation with content", [5, 0]],
    ["a registration with content", [3, 1, 97, 0]],
    ["a response with half a message", [1, 3, 3, 97]],
  ])("refuse %s", (_what, bytes) => {
    expect(() => decodePacket(Buffer.from(bytes))).toThrow(expect.objectContaining({ code: "VICI_PROTOCOL" }));
  });

  it("refuse to carry a name of more than 255 bytes", () => {
    expect(() => encodePacket({ kind: "register", name: "n".repeat(256) })).toThrow(RangeError);
  });
});
