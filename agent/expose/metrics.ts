import { Gauge, Registry } from "prom-client";
import type { Count, FirewallStatus } from "../model/firewall.ts";
import type { ObservedIke } from "../model/observed.ts";
import type { LinkStatus } from "../model/privatelink.ts";
import type { ConnectionStatus, DeclaredWarning, Status, TunnelStatus } from "../model/status.ts";
import { FIREWALL_SERIES, firewallRows, RULE, RULE_SERIES, ruleRows } from "./firewall-series.ts";
import { LINK, LINK_SERIES, linkRows } from "./link-series.ts";
import { type Row, register, type Sample } from "./register.ts";
import {
  CONNECTION,
  CONNECTION_SERIES,
  DRILL_SERIES,
  flag,
  HOST_SERIES,
  labelsOf,
  type Series,
  TUNNEL,
  TUNNEL_SERIES,
} from "./series.ts";
import type { Torilabs } from "./torilabs.ts";

const HOST_ROW: Row<null> = { of: null, labels: {} };

const connectionRows = ({ connections }: Status): Row<ConnectionStatus>[] =>
  connections.map((connection) => ({ of: connection, labels: labelsOf(connection) }));

const tunnelRows = ({ connections }: Status): Row<{ connection: ConnectionStatus; tunnel: TunnelStatus }>[] =>
  connections.flatMap((connection) =>
    connection.tunnels.map((tunnel) => ({ of: { connection, tunnel }, labels: labelsOf(connection, tunnel) })),
  );

/** The Prometheus text of a snapshot. Series follow the settings: they vanish with their connection and at no other time. */
export class Metrics {
  readonly registry = new Registry();
  #status: Status | undefined;
  #tunnels: readonly Row<{ connection: ConnectionStatus; tunnel: TunnelStatus }>[] = [];
  #connections: readonly Row<ConnectionStatus>[] = [];
  #links: readonly Row<LinkStatus>[] = [];
  readonly #host: readonly Row<null>[] = [HOST_ROW];
  #firewall: readonly Row<FirewallStatus>[] = [];
  #rules: readonly Row<Count>[] = [];
  readonly #build: Gauge;
  #torilabs: Torilabs | undefined;

  constructor(declared: readonly DeclaredWarning[]) {
    const { registry } = this;
    for (const series of TUNNEL_SERIES) register(registry, series, TUNNEL, () => this.#samples(series, this.#tunnels));
    for (const series of [...CONNECTION_SERIES, ...DRILL_SERIES])
      register(registry, series, CONNECTION, () => this.#samples(series, this.#connections));
    for (const series of LINK_SERIES) register(registry, series, LINK, () => this.#samples(series, this.#links));
    for (const series of HOST_SERIES) register(registry, series, [], () => this.#samples(series, this.#host));
    for (const series of FIREWALL_SERIES) register(registry, series, [], () => this.#samples(series, this.#firewall));
    for (const series of RULE_SERIES) register(registry, series, RULE, () => this.#samples(series, this.#rules));
    const warnings: Series<DeclaredWarning> = {
      name: "spacegate_warning_active",
      help: "1 for each warning of the declared list that holds now, 0 for those that do not.",
      type: "gauge",
      value: () => 0,
    };
    register(registry, warnings, ["code", "severity", ...TUNNEL, ...LINK], () => this.#warningSamples(declared));
    this.#build = new Gauge({
      name: "spacegate_build_info",
      help: "1, with the versions of the agent and of charon as labels.",
      labelNames: ["version", "strongswan"],
      registers: [registry],
    });
  }

  /** With `sas` also what torilabs/ipsec-prometheus-exporter would tell of them; without, nothing of it is loaded. */
  async text(status: Status, sas?: readonly ObservedIke[]): Promise<string> {
    this.#status = status;
    this.#tunnels = tunnelRows(status);
    this.#connections = connectionRows(status);
    this.#links = linkRows(status);
    this.#firewall = firewallRows(status);
    this.#rules = ruleRows(status);
    this.#build.reset();
    this.#build.set({ version: status.version, strongswan: status.charon.version }, 1);
    const own = await this.registry.metrics();
    return sas ? `${own}\n${await this.#torilabsText(sas)}` : own;
  }

  async #torilabsText(sas: readonly ObservedIke[]): Promise<string> {
    const { Torilabs } = await import("./torilabs.ts");
    this.#torilabs ??= new Torilabs();
    return this.#torilabs.text(sas);
  }

  #samples<Of>(series: Series<Of>, rows: readonly Row<Of>[]): Sample[] {
    const status = this.#status;
    if (!status) return [];
    return rows.map(({ of, labels }) => ({ value: series.value(of, status), labels: {}, sharedLabels: labels }));
  }

  #warningSamples(declared: readonly DeclaredWarning[]): Sample[] {
    const key = (code: string, ...labels: readonly unknown[]): string => [code, ...labels].join(" ");
    const warnings = this.#status?.warnings ?? [];
    const held = new Set(warnings.map(({ code, connection, tunnel, link }) => key(code, connection, tunnel, link)));
    const rows = { host: [HOST_ROW], connection: this.#connections, tunnel: this.#tunnels, link: this.#links };
    return declared.flatMap(({ code, severity, about }) =>
      rows[about].map(({ labels }) => {
        const connection = labels.space === undefined ? undefined : `${labels.space}/${labels.connection}`;
        const value = flag(held.has(key(code, connection, labels.tunnel, labels.link)));
        return { value, labels: { code, severity }, sharedLabels: labels };
      }),
    );
  }
}
