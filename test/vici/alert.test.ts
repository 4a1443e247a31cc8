import { describe, expect, it } from "vitest";
import { parseAlert } from "../../agent/vici/alert.ts";
import { decodeMessage, encodeMessage } from "../../agent/vici/codec.ts";

const CONN = "spacegate.acme-space.office.1";

/** As strongSwan 6.0.3 sends it: the IKE_SA as in list-sas, without its CHILD_SAs. */
const alert = (type: string) => ({
  type,
  "ike-sa": {
    [CONN]: {
      uniqueid: "7",
      version: "2",
      state: "CONNECTING",
      "local-host": "203.0.113.10",
      "local-port": "500",
      "local-id": "%any",
      "remote-host": "34.203.187.158",
      "remote-port": "500",
      "remote-id": "%any",
      initiator: "yes",
      "initiator-spi": "0f1e2d3c4b5a6978",
      "responder-spi": "0000000000000000",
      "tasks-active": ["IKE_INIT"],
    },
  },
});

describe("an alert event", () => {
  it("names its type and the conn of its IKE_SA", () => {
    const message = decodeMessage(encodeMessage(alert("proposal-mismatch-ike")));
    expect(parseAlert(message)).toEqual({ type: "proposal-mismatch-ike", conn: CONN });
  });

  it("may be about no IKE_SA", () => {
    expect(parseAlert({ type: "shutdown-signal" })).toEqual({ type: "shutdown-signal", conn: undefined });
  });

  it("is nothing without a type", () => {
    expect(parseAlert({})).toBeUndefined();
    expect(parseAlert({ type: ["a", "list"], "ike-sa": "no section" })).toBeUndefined();
  });
});
