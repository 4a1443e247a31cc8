import { Metrics } from "../../agent/expose/metrics.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { type PassInput, preparePass } from "../../agent/loop/pass.ts";
import { DEBIAN_PATHS } from "../../agent/model/paths.ts";
import type { Status } from "../../agent/model/status.ts";
import { renderFiles } from "../../agent/render/files.ts";
import { ViciClient } from "../../agent/vici/client.ts";
import { encodeSegment } from "../../agent/vici/framer.ts";
import type { ViciMessage } from "../../agent/vici/types.ts";
import { connectionStatus, gatewayStatus, tunnelStatus } from "../expose/support.ts";
import {
  builtInTemplates,
  entriesFor,
  fingerprint,
  matchingHost,
  numberedConnection,
  type Sample,
  sample,
  sampleFacts,
  sampleSettings,
} from "../sample.ts";
import { FakeCharon } from "../vici/fake-charon.ts";
import { eventsOf } from "../vici/golden.ts";
import { median } from "./stats.ts";

export interface Scale {
  readonly connections: number;
  readonly pass_ms: number;
  readonly render_ms: number;
  readonly list_sas_ms: number;
  readonly scrape_ms: number;
}

/** Median milliseconds of `work`, after as many tries again as the compiler needs. */
const medianMs = async (repetitions: number, work: () => unknown): Promise<number> => {
  const times: number[] = [];
  for (let turn = 0; turn < repetitions * 2; turn += 1) {
    const startedAt = performance.now();
    await work();
    if (turn >= repetitions) times.push(performance.now() - startedAt);
  }
  return median(times);
};

const sampleOf = (count: number): Sample => {
  const connections = Array.from({ length: count }, (_, index) => numberedConnection(index));
  const settings = sampleSettings(entriesFor(connections));
  return sample({ settings, connections, facts: factsFor(connections) });
};

const factsFor = (connections: readonly { readonly tunnels: readonly { readonly ip: string }[] }[]) =>
  sampleFacts({
    sourceAddress: Object.fromEntries(connections.flatMap(({ tunnels }) => tunnels.map(({ ip }) => [ip, "172.16.0.2"]))),
  });

/** What the gateway would hand to a pass that finds everything as it should be. */
const noOpPass = async (count: number): Promise<() => Promise<void>> => {
  const connections = Array.from({ length: count }, (_, index) => numberedConnection(index));
  const own = sampleOf(count);
  const observed = matchingHost(own);
  const input: PassInput = {
    settings: own.settings,
    connections,
    facts: factsFor(connections),
    carriers: {},
    attempts: {},
    passing: () => true,
    hopeless: new Set(),
    keptDown: () => false,
    templates: builtInTemplates(),
    fingerprint,
    standalone: false,
    paths: DEBIAN_PATHS,
    now: 1_000_000,
  };
  const { steps, result } = await preparePass(input, async () => observed);
  if (steps.length > 0) throw new Error(`a no-op pass should have no steps, found ${steps.length}`);
  if (result.desired.tunnels.length !== 2 * count) throw new Error(`${result.desired.tunnels.length} tunnels are planned`);
  return async () => {
    await preparePass(input, async () => observed);
  };
};

/** One tunnel's IKE_SA with its CHILD_SA, as a real charon described it, under another name. */
const listSaEvents = (count: number): Buffer => {
  const recorded = eventsOf("list-sas", "list-sa")[0];
  const sa = recorded && Object.values(recorded)[0];
  if (typeof sa !== "object") throw new Error("the recording of list-sas has no IKE_SA");
  const event = (index: number): Buffer => {
    const message: ViciMessage = { [`spacegate.space-${index >> 1}.office.${1 + (index % 2)}`]: sa };
    return encodeSegment({ kind: "event", name: "list-sa", message });
  };
  return Buffer.concat(Array.from({ length: count }, (_, index) => event(index)));
};

const listSas = async (count: number, repetitions: number): Promise<number> => {
  const events = listSaEvents(2 * count);
  const charon = await new FakeCharon()
    .on("list-sas", (_message, connection) => {
      connection.raw(events);
      return {};
    })
    .start();
  const vici = new ViciClient({ path: charon.path });
  try {
    const seen = (await vici.listSas()).length;
    if (seen !== 2 * count) throw new Error(`list-sas should give ${2 * count} IKE_SAs, found ${seen}`);
    return await medianMs(repetitions, () => vici.listSas());
  } finally {
    await vici.stop();
    await charon.stop();
  }
};

const statusOf = (count: number): Status =>
  gatewayStatus({
    connections: Array.from({ length: count }, (_, index) =>
      connectionStatus({ space: `space-${index}`, status: "ok", tunnels: [tunnelStatus(1), tunnelStatus(2)] }),
    ),
    warnings: [],
  });

/** The agent's own work at so many connections (twice as many tunnels), without kernel, charon and network. */
export const measureScale = async (connections: number, repetitions: number): Promise<Scale> => {
  const own = sampleOf(connections);
  const templates = builtInTemplates();
  const metrics = new Metrics(WARNINGS);
  const status = statusOf(connections);
  return {
    connections,
    pass_ms: await medianMs(repetitions, await noOpPass(connections)),
    render_ms: await medianMs(repetitions, () => renderFiles(own.desired, templates, fingerprint)),
    list_sas_ms: await listSas(connections, repetitions),
    scrape_ms: await medianMs(repetitions, () => metrics.text(status)),
  };
};
