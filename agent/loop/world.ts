import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BringUp } from "../apply/bring-up.ts";
import { runOrFail, systemCommands } from "../apply/command.ts";
import { type ApplyDeps, execute } from "../apply/executors.ts";
import { type FirewallDeps, FirewallStore } from "../apply/firewall.ts";
import { LedgerStore } from "../apply/ledger.ts";
import { writeAtomically } from "../lib/atomic-file.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { systemNft } from "../lib/nft.ts";
import { Secret } from "../lib/secret.ts";
import type { Desired } from "../model/desired.ts";
import type { FirewallCounts, ObservedFirewall } from "../model/firewall.ts";
import type { HostFacts, Observed, ObservedIke } from "../model/observed.ts";
import type { Step } from "../model/step.ts";
import { observeCharon } from "../observe/charon.ts";
import { observeFiles } from "../observe/files.ts";
import { observeFirewall } from "../observe/firewall.ts";
import { observeHost } from "../observe/host.ts";
import type { LogLines } from "../observe/log-lines.ts";
import { type IpQueries, NO_NETWORK, observeNetwork } from "../observe/network.ts";
import { parseStatusall } from "../observe/statusall.ts";
import { readXfrmStat } from "../observe/xfrm-stat.ts";
import { fingerprintWith } from "../render/fingerprint.ts";
import type { ViciClient } from "../vici/client.ts";
import type { GatewayDeps } from "./gateway-deps.ts";

/** What the host is reached through, on a real one or below a directory. */
export interface Host {
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly ip: IpQueries;
  readonly vici: ViciClient;
  readonly lines: LogLines;
}

const STATE_KEY = "var/lib/spacegate/fingerprint.key";
const LEDGER = "run/spacegate/ledger.json";
const FIREWALL = "run/spacegate/firewall.json";
const COMMAND_MS = 5000;

/**
 * The key of every fingerprint. It is kept, so that a fingerprint means the same tomorrow; a command that must change
 * nothing makes do with one of its own.
 */
export const fingerprintKey = async (root: string, mayWrite: boolean): Promise<Secret> => {
  const path = join(root, STATE_KEY);
  const kept = await readFile(path, "utf8").catch(() => "");
  if (/^[0-9a-f]{64}$/.test(kept.trim())) return new Secret(kept.trim());
  const fresh = randomBytes(32).toString("hex");
  if (mayWrite) await writeAtomically({ path, text: `${fresh}\n`, mode: 0o600, directoryMode: 0o700 });
  return new Secret(fresh);
};

/** charon as `ipsec statusall` tells of it. */
export const statusText = async () => {
  const parsed = parseStatusall(await runOrFail(systemCommands, "ipsec", ["statusall"], COMMAND_MS));
  return parsed.version === undefined ? undefined : { version: parsed.version, sas: parsed.ikeSas };
};

/** Looks at the host, and remembers by which way charon answered, so that quick looks need not try both. */
class Eyes {
  readonly #host: Host;
  readonly #ledger: LedgerStore;
  readonly #firewall: FirewallStore;
  #via: "vici" | "statusall" = "vici";
  #firewallIsGone = false;
  #counts: FirewallCounts = {};

  constructor(host: Host, { ledger, firewall }: { readonly ledger: LedgerStore; readonly firewall: FirewallStore }) {
    this.#host = host;
    this.#ledger = ledger;
    this.#firewall = firewall;
  }

  async observe(desired: Desired, paths: readonly string[]): Promise<Observed> {
    const { root, ip, vici } = this.#host;
    const { ledger } = this.#ledger;
    const firewallMemory = this.#firewall.memory;
    const files = await observeFiles(root, paths);
    // Below a directory there is neither kernel nor daemon: what stands there is files.
    if (root !== "/")
      return {
        ...{ files, network: NO_NETWORK, charon: { kind: "absent", why: "--root is used" }, ledger },
        ...{ firewall: { kind: "none" }, firewallMemory: undefined },
      };
    const [firewall, network, charon] = await Promise.all([
      this.#observeFirewall(desired),
      observeNetwork(ip, desired, root),
      observeCharon(vici, statusText, root),
    ]);
    this.#via = charon.kind === "running" ? charon.via : "vici";
    return { files, network, charon, ledger, firewall, firewallMemory };
  }

  /** An owner who keeps the firewall has no `nft` started, once it is sure that nothing of the agent's is left. */
  async #observeFirewall({ firewall }: Desired): Promise<ObservedFirewall> {
    if (!firewall && this.#firewallIsGone && !this.#firewall.memory) return { kind: "none" };
    const found = await observeFirewall(systemNft, this.#counts);
    this.#firewallIsGone = found.kind !== "present";
    if ("counts" in found) this.#counts = found.counts;
    return found;
  }

  async listSas(): Promise<readonly ObservedIke[]> {
    if (this.#host.root !== "/") return [];
    return this.#via === "vici" ? this.#host.vici.listSas() : ((await statusText())?.sas ?? []);
  }
}

const ipForward = (root: string): Promise<boolean | null> =>
  readFile(join(root, "proc/sys/net/ipv4/ip_forward"), "utf8").then(
    (text) => text.trim() === "1",
    () => null,
  );

/** Steps that make sense below a directory, where there is neither kernel nor daemon. */
const FILE_STEPS: ReadonlySet<Step["kind"]> = new Set(["keep-original", "write-file"]);

const firewallDeps = (store: FirewallStore): FirewallDeps => ({
  nft: systemNft,
  store,
  listing: async () => {
    const found = await observeFirewall(systemNft, {});
    return found.kind === "present" ? found.listing : undefined;
  },
});

type HostDeps = Pick<
  GatewayDeps,
  | "clock"
  | "log"
  | "observe"
  | "observeHost"
  | "listSas"
  | "ipForward"
  | "policyMismatches"
  | "execute"
  | "applies"
  | "attempts"
  | "fingerprint"
>;

export interface Workshop {
  readonly deps: HostDeps;
  readonly bringUp: BringUp;
}

/** The host's half of a gateway's dependencies. `onVerdict` is called when charon is done with an initiate. */
export const openWorkshop = async (host: Host, mayWrite: boolean, onVerdict: () => void): Promise<Workshop> => {
  const { root, clock, log, ip, vici, lines } = host;
  const ledger = new LedgerStore(join(root, LEDGER));
  const store = new FirewallStore(join(root, FIREWALL));
  await Promise.all([ledger.load(), store.load()]);
  const eyes = new Eyes(host, { ledger, firewall: store });
  const backoff = { firstMs: 1000, maxMs: 10_000, jitter: 0.2, random: Math.random };
  const bringUp = new BringUp({ vici, clock, log, backoff, onVerdict });
  const charon = { commands: systemCommands, conns: vici, clock, linesSince: (moment: number) => lines.since(moment) };
  const apply: ApplyDeps = { root, ip, charon, sas: vici, bringUp, ledger, firewall: firewallDeps(store), log };
  // Below a directory this machine's addresses and routes mean nothing; only the modules that lie there do.
  const facts = async (targets: readonly string[]): Promise<HostFacts> =>
    root === "/" ? observeHost(ip, root, targets) : { ...(await observeHost(ip, root, [])), addresses: [], devices: {} };
  return {
    bringUp,
    deps: {
      clock,
      log,
      observe: (desired, paths) => eyes.observe(desired, paths),
      observeHost: facts,
      listSas: () => eyes.listSas(),
      ipForward: () => ipForward(root),
      policyMismatches: () => readXfrmStat(root),
      execute: (step) => execute(step, apply),
      applies: (step) => root === "/" || FILE_STEPS.has(step.kind),
      attempts: () => bringUp.attempts(),
      fingerprint: fingerprintWith(await fingerprintKey(root, mayWrite)),
    },
  };
};

export const systemHost = (root: string, log: Log, parts: Pick<Host, "ip" | "vici" | "lines">): Host => ({
  root,
  clock: systemClock,
  log,
  ...parts,
});
