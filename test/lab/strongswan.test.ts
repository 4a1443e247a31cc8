import { describe, expect, it } from "vitest";
import { parseSas, saIds } from "./strongswan.ts";

const OUTPUT = `vpn2: #2, CONNECTING, IKEv1, 8ad6f1c4ee9e4a1d_i* 0000000000000000_r
  local  '%any' @ 203.0.113.10[500]
  remote '%any' @ 34.227.70.143[500]
  queued:  QUICK_MODE QUICK_MODE
vpn1: #1, ESTABLISHED, IKEv1, a6b3f1c4ee9e4a1d_i* 5d1a1d3e7bbd6e0c_r
  local  '203.0.113.10' @ 203.0.113.10[500]
  remote '34.203.187.158' @ 34.203.187.158[500]
  AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048
  established 1s ago, reauth in 27745s
  vpn1: #1, reqid 1, INSTALLED, TUNNEL, ESP:AES_CBC-256/HMAC_SHA2_256_128
    installed 1s ago, rekeying in 2586s, expires in 3600s
    in  c5ba4fdc (-|0x00000065),    840 bytes,    10 packets,     0s ago
    out c646146c (-|0x00000065),    840 bytes,    10 packets,     0s ago
    local  172.16.0.0/16
    remote 10.0.0.0/16
`;

describe("the SAs that swanctl lists", () => {
  it("are read with their peers and children", () => {
    expect(parseSas(OUTPUT)).toEqual([
      { name: "vpn2", id: 2, state: "CONNECTING", remote: "34.227.70.143", children: [] },
      {
        name: "vpn1",
        id: 1,
        state: "ESTABLISHED",
        remote: "34.203.187.158",
        children: [{ name: "vpn1", id: 1, state: "INSTALLED" }],
      },
    ]);
  });

  it("have a line each that another SA in their place would change", () => {
    expect(saIds(parseSas(OUTPUT))).toEqual(["vpn1#1: vpn1#1 INSTALLED", "vpn2#2: "]);
  });

  it("are none when it prints nothing", () => {
    expect(parseSas("")).toEqual([]);
  });
});
