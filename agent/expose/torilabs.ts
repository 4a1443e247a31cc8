import { Registry } from "prom-client";
import type { ObservedChild, ObservedIke } from "../model/observed.ts";
import { type Row, register, type Sample } from "./register.ts";
import { CHILD_GAUGES, CHILD_GAUGES_WITH_TS, IKE_GAUGES, type SaGauge } from "./torilabs-series.ts";

const IKE = ["ike_name", "ike_id"] as const;
const CHILD = [...IKE, "child_name", "child_id"] as const;
const CHILD_WITH_TS = [...CHILD, "local_ts", "remote_ts"] as const;

const ikeRow = (ike: ObservedIke): Row<ObservedIke> => ({
  of: ike,
  labels: { ike_name: ike.name, ike_id: String(ike.uniqueId) },
});

const childRow = (ike: ObservedIke, child: ObservedChild): Row<ObservedChild> => ({
  of: child,
  labels: { ...ikeRow(ike).labels, child_name: child.name, child_id: String(child.uniqueId) },
});

const withTs = ({ of, labels }: Row<ObservedChild>): Row<ObservedChild> => ({
  of,
  labels: { ...labels, local_ts: of.localTs.join(";"), remote_ts: of.remoteTs.join(";") },
});

/**
 * charon's SAs under the names of torilabs/ipsec-prometheus-exporter, for dashboards that know them. As there, series come
 * and go with their SAs: alerts are better made from the agent's own.
 */
export class Torilabs {
  readonly registry = new Registry();
  #ikes: readonly Row<ObservedIke>[] = [];
  #children: readonly Row<ObservedChild>[] = [];
  #childrenWithTs: readonly Row<ObservedChild>[] = [];

  constructor() {
    const count = { name: "strongswan_ike_count", help: "Number of IKE_SAs.", type: "gauge" } as const;
    register(this.registry, count, [], () => [{ value: this.#ikes.length, labels: {}, sharedLabels: {} }]);
    this.#add(IKE_GAUGES, IKE, () => this.#ikes);
    this.#add(CHILD_GAUGES_WITH_TS, CHILD_WITH_TS, () => this.#childrenWithTs);
    this.#add(CHILD_GAUGES, CHILD, () => this.#children);
  }

  async text(sas: readonly ObservedIke[]): Promise<string> {
    this.#ikes = sas.map(ikeRow);
    this.#children = sas.flatMap((ike) => ike.childSas.map((child) => childRow(ike, child)));
    this.#childrenWithTs = this.#children.map(withTs);
    return this.registry.metrics();
  }

  #add<Of>(gauges: readonly SaGauge<Of>[], labels: readonly string[], rows: () => readonly Row<Of>[]): void {
    for (const { name, help, value } of gauges)
      register(this.registry, { name, help, type: "gauge" }, labels, () =>
        rows().map((row): Sample => ({ value: value(row.of), labels: {}, sharedLabels: row.labels })),
      );
  }
}
