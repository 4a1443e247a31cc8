import { Secret } from "../../agent/lib/secret.ts";
import { type Sample, sample, sampleConnection, sampleEntry, sampleFacts, sampleSettings, sampleTunnel } from "../sample.ts";

const include = { install: { mode: "include" } };

const other = sampleConnection({
  space: "other-space",
  name: "plant",
  spaceCidr: "10.20.0.0/16",
  routableCidrs: ["172.16.0.0/16", "192.168.8.0/24"],
  tunnels: [
    sampleTunnel(1, { ip: "52.44.146.196", psk: new Secret("apresharedkey1") }),
    sampleTunnel(2, { ip: "52.44.146.198", psk: new Secret("apresharedkey2") }),
  ],
});

const otherEntry = sampleEntry({
  space: "other-space",
  name: "plant",
  local: { address: "172.16.0.2", subnets: ["172.16.0.0/16", "192.168.8.0/24"] },
  proposals: { ike: "aes128gcm16-prfsha256-ecp256", esp: "aes128gcm16-ecp256" },
  lifetimes: { ike: "4h", child: "30m" },
  dpd: { delay: "5s", timeout: "20s" },
});

/** What the golden files are rendered from; "own-vti" is the documentation's example. */
export const CASES = {
  "own-vti": sample(),
  "own-policy": sample({ settings: sampleSettings([sampleEntry({ routing: "policy" })]) }),
  "own-ikev2": sample({ connections: [sampleConnection({ ikeVersion: 2 })] }),
  "own-several": sample({
    settings: sampleSettings([otherEntry, sampleEntry()]),
    connections: [sampleConnection(), other],
    facts: sampleFacts(),
  }),
  "include-vti": sample({ settings: sampleSettings([sampleEntry()], include) }),
  "include-policy": sample({ settings: sampleSettings([sampleEntry({ routing: "policy" })], include) }),
} satisfies Record<string, Sample>;
