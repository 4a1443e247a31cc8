import { describe, expect, it } from "vitest";
import { Metrics } from "../../agent/expose/metrics.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import type { Status } from "../../agent/model/status.ts";
import { connectionStatus, DOWN, gatewayStatus, tunnelStatus, WARNING } from "./support.ts";

const textOf = (status: Status = gatewayStatus(), metrics = new Metrics(WARNINGS)): Promise<string> => metrics.text(status);

const samplesIn = (text: string): Map<string, string> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
  );

const seriesOf = (text: string): string[] => [...samplesIn(text).keys()].sort();

describe("the metrics of a gateway with one tunnel up and one down", () => {
  it("are exactly these", async () => {
    await expect(textOf()).resolves.toMatchFileSnapshot("golden/metrics.txt");
  });

  it("are the same for the same snapshot, however often they are asked for", async () => {
    const metrics = new Metrics(WARNINGS);
    const first = await metrics.text(gatewayStatus());
    expect(await Promise.all([metrics.text(gatewayStatus()), metrics.text(gatewayStatus())])).toEqual([first, first]);
  });
});

describe("every metric", () => {
  it("has the prefix, a help text that is a sentence, and a type that its name fits", async () => {
    const text = await textOf();
    const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => ({ name, type }));
    expect(names.length).toBeGreaterThan(20);
    for (const { name, type } of names) {
      expect(name).toMatch(/^spacegate_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith("_total")).toBe(type === "counter");
      expect(name).not.toMatch(/_(ms|milliseconds|kilobytes|kb|percent|minutes|age)(_|$)/);
      expect(text).toMatch(new RegExp(`^# HELP ${name} [A-Z1].*\\.$`, "m"));
    }
  });

  it("has no SA's number, address or SPI among its labels", async () => {
    const labels = new Set([...(await textOf()).matchAll(/[{,](\w+)="/g)].map(([, label]) => label));
    expect([...labels].sort()).toEqual([
      "code",
      "connection",
      "link",
      "rule",
      "severity",
      "space",
      "strongswan",
      "tunnel",
      "version",
    ]);
  });

  it("is written once", async () => {
    const lines = (await textOf()).split("\n").filter((line) => line !== "");
    expect(new Set(lines).size).toBe(lines.length);
  });
});

describe("no series vanishes", () => {
  const withTunnels = (changes: object): Status =>
    gatewayStatus({ connections: [connectionStatus({ tunnels: [tunnelStatus(1, changes), tunnelStatus(2, changes)] })] });

  it("when tunnels go down and nothing is known of them", async () => {
    expect(seriesOf(await textOf(withTunnels(DOWN)))).toEqual(seriesOf(await textOf(withTunnels({}))));
  });

  it("when charon is away", async () => {
    const away = gatewayStatus({ charon: { running: false, version: "5.9.8", via: "none" }, status: "down" });
    expect(seriesOf(await textOf(away))).toEqual(seriesOf(await textOf()));
  });

  it("before Heroku has said anything", async () => {
    const source = { kind: "platform-api", origin: "none", confirmedAt: null, error: "away" } as const;
    const text = await textOf(gatewayStatus({ connections: [connectionStatus({ source })] }));
    expect(samplesIn(text).get('spacegate_connection_details_timestamp_seconds{space="acme-space",connection="office"}')).toBe(
      "Nan",
    );
  });

  it("except with its connection", async () => {
    const metrics = new Metrics(WARNINGS);
    await metrics.text(gatewayStatus());
    const text = await metrics.text(gatewayStatus({ connections: [], warnings: [] }));
    expect(text).not.toContain("acme-space");
    expect(text).toContain("\nspacegate_up 1\n");
  });
});

describe("values", () => {
  const tunnelValue = async (name: string, changes: object): Promise<string | undefined> => {
    const status = gatewayStatus({ connections: [connectionStatus({ tunnels: [tunnelStatus(1, changes)] })] });
    return samplesIn(await textOf(status)).get(`spacegate_tunnel_${name}{space="acme-space",connection="office",tunnel="1"}`);
  };

  it.each([
    ["passing", { passing: true }, "1"],
    ["passing", { passing: false }, "0"],
    ["passing", { passing: null }, "Nan"],
    ["child_installed", { child: "REKEYING" }, "1"],
    ["child_installed", { child: "INSTALLING" }, "0"],
    ["ike_established", { ike: "REKEYING" }, "1"],
    ["ike_established", { ike: "CONNECTING" }, "0"],
    ["provider_up", { providerStatus: "DOWN" }, "0"],
    ["provider_up", { providerStatus: "" }, "Nan"],
    ["rtt_seconds", { rttMs: 12.5 }, "0.0125"],
    ["rtt_seconds", { rttMs: null }, "Nan"],
    ["received_bytes_total", { bytesIn: 2 ** 53 - 1 }, "9007199254740991"],
  ])("%s of %j is %s", async (name, changes, value) => {
    expect(await tunnelValue(name, changes)).toBe(value);
  });

  it("of counters are the snapshot's, not their sum over all scrapes", async () => {
    const metrics = new Metrics(WARNINGS);
    for (const total of [5, 5, 9])
      expect(await metrics.text(gatewayStatus({ passes: { ...gatewayStatus().passes, total } }))).toContain(
        `\nspacegate_passes_total ${total}\n`,
      );
  });

  it("of a warning end with it", async () => {
    const metrics = new Metrics(WARNINGS);
    const active =
      'spacegate_warning_active{code="tunnel-down",severity="warning",space="acme-space",connection="office",tunnel="2"} 1';
    expect(await metrics.text(gatewayStatus())).toContain(active);
    expect(await metrics.text(gatewayStatus({ warnings: [] }))).toContain(active.replace(/1$/, "0"));
  });

  it("of a warning about the host have no connection", async () => {
    const { connection: _connection, tunnel: _tunnel, ...host } = WARNING;
    const text = await textOf(gatewayStatus({ warnings: [{ ...host, code: "ip-forward-off" }] }));
    expect(text).toContain('{code="ip-forward-off",severity="warning"} 1');
  });

  it("follow the versions: an old one is gone", async () => {
    const metrics = new Metrics(WARNINGS);
    await metrics.text(gatewayStatus());
    const text = await metrics.text(gatewayStatus({ charon: { running: true, version: "5.9.14", via: "vici" } }));
    expect(text.match(/^spacegate_build_info.*$/gm)).toEqual(['spacegate_build_info{version="0.1.0",strongswan="5.9.14"} 1']);
  });
});

it("quotes what would break out of a label", async () => {
  const text = await textOf(gatewayStatus({ connections: [connectionStatus({ name: 'a"} 1\nspacegate_up 0\\' })] }));
  expect(text).toContain(String.raw`connection="a\"} 1\nspacegate_up 0\\"`);
  expect(text).not.toMatch(/^spacegate_up 0/m);
});
