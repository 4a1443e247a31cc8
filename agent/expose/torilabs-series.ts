import type { ObservedChild, ObservedIke } from "../model/observed.ts";

/** A gauge as torilabs/ipsec-prometheus-exporter has it: it exists while its SA does. What charon does not tell is 0 there. */
export interface SaGauge<Of> {
  readonly name: string;
  readonly help: string;
  readonly value: (of: Of) => number;
}

const flag = (holds: boolean | undefined): number => (holds ? 1 : 0);

const STATUS: ReadonlyMap<string, number> = new Map([
  ["INSTALLED", 0],
  ["REKEYED", 0],
  ["REKEYING", 0],
  ["ESTABLISHED", 1],
  ["", 2],
]);

/** 0 installed, 1 established, 2 down, 3 anything else. */
const statusOf = ({ state }: { readonly state: string }): number => STATUS.get(state) ?? 3;

export const IKE_GAUGES: readonly SaGauge<ObservedIke>[] = [
  { name: "strongswan_ike_version", help: "Version of this IKE_SA.", value: ({ version }) => version },
  {
    name: "strongswan_ike_status",
    help: "Status of this IKE_SA: 0 installed, 1 established, 2 down, 3 unknown.",
    value: statusOf,
  },
  { name: "strongswan_ike_initiator", help: "1 when this gateway started the IKE_SA.", value: (ike) => flag(ike.initiator) },
  { name: "strongswan_ike_nat_local", help: "1 when this end is behind NAT.", value: (ike) => flag(ike.natLocal) },
  { name: "strongswan_ike_nat_remote", help: "1 when the other end is behind NAT.", value: (ike) => flag(ike.natRemote) },
  { name: "strongswan_ike_nat_any", help: "1 when either end is behind NAT.", value: (ike) => flag(ike.natAny) },
  {
    name: "strongswan_ike_established_seconds",
    help: "Seconds since the IKE_SA was established.",
    value: (ike) => ike.establishedS ?? 0,
  },
  { name: "strongswan_ike_rekey_seconds", help: "Seconds until the IKE_SA is renewed.", value: (ike) => ike.rekeyS ?? 0 },
  {
    name: "strongswan_ike_reauth_seconds",
    help: "Seconds until the IKE_SA authenticates anew.",
    value: (ike) => ike.reauthS ?? 0,
  },
  { name: "strongswan_ike_children_size", help: "Number of its CHILD_SAs.", value: (ike) => ike.childSas.length },
];

/** Labelled with the traffic selectors too. */
export const CHILD_GAUGES_WITH_TS: readonly SaGauge<ObservedChild>[] = [
  {
    name: "strongswan_sa_status",
    help: "Status of this CHILD_SA: 0 installed, 1 established, 2 down, 3 unknown.",
    value: statusOf,
  },
  { name: "strongswan_sa_inbound_bytes", help: "Bytes that came in by this CHILD_SA.", value: ({ bytesIn }) => bytesIn },
  { name: "strongswan_sa_outbound_bytes", help: "Bytes that went out by this CHILD_SA.", value: ({ bytesOut }) => bytesOut },
  { name: "strongswan_sa_inbound_packets", help: "Packets that came in by this CHILD_SA.", value: ({ packetsIn }) => packetsIn },
  {
    name: "strongswan_sa_outbound_packets",
    help: "Packets that went out by this CHILD_SA.",
    value: ({ packetsOut }) => packetsOut,
  },
  {
    name: "strongswan_sa_last_inbound_seconds",
    help: "Seconds since the last packet came in.",
    value: ({ useInS }) => useInS ?? 0,
  },
  {
    name: "strongswan_sa_last_outbound_seconds",
    help: "Seconds since the last packet went out.",
    value: ({ useOutS }) => useOutS ?? 0,
  },
];

export const CHILD_GAUGES: readonly SaGauge<ObservedChild>[] = [
  { name: "strongswan_sa_encap", help: "1 when ESP is in UDP packets.", value: ({ encap }) => flag(encap) },
  {
    name: "strongswan_sa_established_seconds",
    help: "Seconds since the CHILD_SA was installed.",
    value: ({ installS }) => installS ?? 0,
  },
  { name: "strongswan_sa_rekey_seconds", help: "Seconds until the CHILD_SA is renewed.", value: ({ rekeyS }) => rekeyS ?? 0 },
  { name: "strongswan_sa_lifetime_seconds", help: "Seconds until the CHILD_SA ends.", value: ({ lifeS }) => lifeS ?? 0 },
];
