import { describe, expect, it } from "vitest";
import { Metrics } from "../../agent/expose/metrics.ts";
import { Torilabs } from "../../agent/expose/torilabs.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import type { ObservedChild, ObservedIke } from "../../agent/model/observed.ts";
import { appOf } from "./app.ts";
import { gatewayStatus } from "./support.ts";

const IKE = ["ike_name", "ike_id"];
const CHILD = [...IKE, "child_name", "child_id"];
const CHILD_WITH_TS = [...CHILD, "local_ts", "remote_ts"];

/** What existing dashboards ask for: each name with its labels. Source: torilabs/ipsec-prometheus-exporter. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  strongswan_ike_count: [],
  strongswan_ike_version: IKE,
  strongswan_ike_status: IKE,
  strongswan_ike_initiator: IKE,
  strongswan_ike_nat_local: IKE,
  strongswan_ike_nat_remote: IKE,
  strongswan_ike_nat_any: IKE,
  strongswan_ike_established_seconds: IKE,
  strongswan_ike_rekey_seconds: IKE,
  strongswan_ike_reauth_seconds: IKE,
  strongswan_ike_children_size: IKE,
  strongswan_sa_status: CHILD_WITH_TS,
  strongswan_sa_inbound_bytes: CHILD_WITH_TS,
  strongswan_sa_outbound_bytes: CHILD_WITH_TS,
  strongswan_sa_inbound_packets: CHILD_WITH_TS,
  strongswan_sa_outbound_packets: CHILD_WITH_TS,
  strongswan_sa_last_inbound_seconds: CHILD_WITH_TS,
  strongswan_sa_last_outbound_seconds: CHILD_WITH_TS,
  strongswan_sa_encap: CHILD,
  strongswan_sa_established_seconds: CHILD,
  strongswan_sa_rekey_seconds: CHILD,
  strongswan_sa_lifetime_seconds: CHILD,
};

const child = (changes: Partial<ObservedChild> = {}): ObservedChild => ({
  name: "net",
  uniqueId: 7,
  state: "INSTALLED",
  encap: true,
  bytesIn: 1001,
  bytesOut: 1002,
  packetsIn: 11,
  packetsOut: 12,
  useInS: 3,
  useOutS: 4,
  installS: 60,
  rekeyS: 2800,
  lifeS: 3500,
  localTs: ["172.16.0.0/16", "172.20.0.0/16"],
  remoteTs: ["10.0.0.0/16"],
  ...changes,
});

const ike = (changes: Partial<ObservedIke> = {}): ObservedIke => ({
  name: "office",
  uniqueId: 5,
  version: 1,
  state: "ESTABLISHED",
  localHost: "172.16.0.2",
  remoteHost: "34.203.187.158",
  establishedS: 61,
  rekeyS: 25_000,
  reauthS: 26_000,
  initiator: true,
  natLocal: true,
  natRemote: false,
  natAny: true,
  childSas: [child()],
  ...changes,
});

/** The value of each sample, by name and labels. */
const samplesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
  );

const torilabs = (...sas: ObservedIke[]): Promise<string> => new Torilabs().text(sas);

describe("the names that dashboards for torilabs' exporter know", () => {
  it("are there, all gauges, and no others", async () => {
    const types = Object.fromEntries(
      [...(await torilabs(ike())).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
    );
    expect(types).toEqual(Object.fromEntries(Object.keys(KNOWN).map((name) => [name, "gauge"])));
  });

  it.each(Object.entries(KNOWN))("%s has the labels %j", async (name, labels) => {
    const [sample = ""] = Object.keys(samplesOf(await torilabs(ike()))).filter((key) => key.replace(/\{.*/, "") === name);
    expect([...sample.matchAll(/[{,](\w+)="/g)].map(([, label]) => label)).toEqual(labels);
  });
});

describe("values under torilabs' names", () => {
  it("are charon's own, with its ids, and several selectors joined by semicolons", async () => {
    const ikeLabels = '{ike_name="office",ike_id="5"}';
    const childLabels = '{ike_name="office",ike_id="5",child_name="net",child_id="7"}';
    const withTs = childLabels.replace("}", ',local_ts="172.16.0.0/16;172.20.0.0/16",remote_ts="10.0.0.0/16"}');
    expect(samplesOf(await torilabs(ike()))).toEqual({
      strongswan_ike_count: "1",
      [`strongswan_ike_version${ikeLabels}`]: "1",
      [`strongswan_ike_status${ikeLabels}`]: "1",
      [`strongswan_ike_initiator${ikeLabels}`]: "1",
      [`strongswan_ike_nat_local${ikeLabels}`]: "1",
      [`strongswan_ike_nat_remote${ikeLabels}`]: "0",
      [`strongswan_ike_nat_any${ikeLabels}`]: "1",
      [`strongswan_ike_established_seconds${ikeLabels}`]: "61",
      [`strongswan_ike_rekey_seconds${ikeLabels}`]: "25000",
      [`strongswan_ike_reauth_seconds${ikeLabels}`]: "26000",
      [`strongswan_ike_children_size${ikeLabels}`]: "1",
      [`strongswan_sa_status${withTs}`]: "0",
      [`strongswan_sa_inbound_bytes${withTs}`]: "1001",
      [`strongswan_sa_outbound_bytes${withTs}`]: "1002",
      [`strongswan_sa_inbound_packets${withTs}`]: "11",
      [`strongswan_sa_outbound_packets${withTs}`]: "12",
      [`strongswan_sa_last_inbound_seconds${withTs}`]: "3",
      [`strongswan_sa_last_outbound_seconds${withTs}`]: "4",
      [`strongswan_sa_encap${childLabels}`]: "1",
      [`strongswan_sa_established_seconds${childLabels}`]: "60",
      [`strongswan_sa_rekey_seconds${childLabels}`]: "2800",
      [`strongswan_sa_lifetime_seconds${childLabels}`]: "3500",
    });
  });

  it.each([
    ["INSTALLED", "0"],
    ["REKEYING", "0"],
    ["REKEYED", "0"],
    ["ESTABLISHED", "1"],
    ["", "2"],
    ["CONNECTING", "3"],
  ])("of the state %j are %s", async (state, value) => {
    const samples = samplesOf(await torilabs(ike({ state, childSas: [child({ state, localTs: [], remoteTs: [] })] })));
    expect(samples['strongswan_ike_status{ike_name="office",ike_id="5"}']).toBe(value);
    expect(
      samples['strongswan_sa_status{ike_name="office",ike_id="5",child_name="net",child_id="7",local_ts="",remote_ts=""}'],
    ).toBe(value);
  });

  it("are 0 where charon tells nothing, as in that exporter", async () => {
    const bare = { name: "bare", uniqueId: 1, version: 2, state: "CONNECTING", localHost: "", remoteHost: "" } as const;
    const samples = samplesOf(await torilabs({ ...bare, childSas: [] }));
    expect(samples['strongswan_ike_established_seconds{ike_name="bare",ike_id="1"}']).toBe("0");
    expect(samples['strongswan_ike_initiator{ike_name="bare",ike_id="1"}']).toBe("0");
  });

  it("come and go with their SAs", async () => {
    const exporter = new Torilabs();
    await exporter.text([ike(), ike({ name: "other", uniqueId: 6 })]);
    expect(samplesOf(await exporter.text([]))).toEqual({ strongswan_ike_count: "0" });
  });
});

describe("/metrics", () => {
  const ask = async (shownSas?: () => readonly ObservedIke[] | undefined): Promise<string> => {
    const app = appOf(shownSas ? { shownSas } : {});
    return (await app.inject({ url: "/metrics", headers: { host: "127.0.0.1" } })).body;
  };

  it("has none of these names unless they are asked for", async () => {
    expect(await ask()).not.toContain("strongswan_");
    expect(await ask(() => undefined)).toBe(await ask());
  });

  it("has them beside the agent's own, with no metric twice", async () => {
    const body = await ask(() => [ike()]);
    expect(body.startsWith(await new Metrics(WARNINGS).text(gatewayStatus()))).toBe(true);
    const types = body.match(/^# TYPE .*$/gm) ?? [];
    expect(new Set(types).size).toBe(types.length);
    expect(body).toContain("\nstrongswan_ike_count 1\n");
  });
});
