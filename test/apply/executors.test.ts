import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { BringUp } from "../../agent/apply/bring-up.ts";
import { type ApplyDeps, execute } from "../../agent/apply/executors.ts";
import { FirewallStore } from "../../agent/apply/firewall.ts";
import { LedgerStore } from "../../agent/apply/ledger.ts";
import { Secret } from "../../agent/lib/secret.ts";
import type { Step, StepKind } from "../../agent/model/step.ts";
import { FIREWALL } from "../sample.ts";
import {
  desiredFile,
  failureOf,
  held,
  logLines,
  ManualClock,
  PSK,
  recordingCommands,
  temporaryDirectory,
  tunnel,
} from "./support.ts";

const TUNNEL = tunnel();
const LINK = { name: "sgvti16384", local: "203.0.113.10", remote: "34.203.187.158", key: 16_384, mtu: 1419 };
const ROUTE = { table: 254, dst: "10.0.0.0/16", dev: "sgvti16384", metric: 100 };
const RULE = { kind: "mark", mark: 20_480, table: 20_480 } as const;
const LOADED = { "/etc/ipsec.conf": "fingerprint" };

/** A step of each kind, and what carrying it out comes to in the world. */
const STEPS: { readonly [K in StepKind]: { readonly step: Extract<Step, { kind: K }>; readonly world: readonly string[] } } = {
  "check-proposals": {
    step: { kind: "check-proposals", tunnel: TUNNEL },
    world: ["vici load spacegate-proposal-check", "vici unload spacegate-proposal-check"],
  },
  "keep-original": { step: { kind: "keep-original", path: "/etc/ipsec.conf", keptAs: "/etc/kept" }, world: ["file kept: old"] },
  "write-file": {
    step: { kind: "write-file", file: desiredFile("/etc/ipsec.secrets", { role: "ipsec.secrets", content: new Secret(PSK) }) },
    world: [`file ipsec.secrets: ${PSK}`],
  },
  "start-charon": {
    step: { kind: "start-charon", tunnels: [TUNNEL], loaded: LOADED },
    world: ["ipsec start", "ledger loaded fingerprint"],
  },
  "restart-charon": {
    step: { kind: "restart-charon", why: "its options changed", tunnels: [TUNNEL], loaded: LOADED },
    world: [expect.stringMatching(/^(ipsec stop|systemctl restart)/), "ledger loaded fingerprint"] as string[],
  },
  "add-link": {
    step: { kind: "add-link", link: LINK },
    world: [
      "ip link add sgvti16384 type vti local 203.0.113.10 remote 34.203.187.158 key 16384",
      "ip link change sgvti16384 type vti local 203.0.113.10 remote 34.203.187.158 key 16384",
      "ip link set sgvti16384 mtu 1419 up",
      "ip address replace 169.254.83.83/32 scope host dev sgvti16384",
    ],
  },
  "change-link": {
    step: { kind: "change-link", link: LINK },
    world: [
      "ip link change sgvti16384 type vti local 203.0.113.10 remote 34.203.187.158 key 16384",
      "ip link set sgvti16384 mtu 1419 up",
      "ip address replace 169.254.83.83/32 scope host dev sgvti16384",
    ],
  },
  "delete-link": { step: { kind: "delete-link", name: "sgvti16384" }, world: ["ip link delete sgvti16384"] },
  "set-sysctl": {
    step: { kind: "set-sysctl", sysctl: { key: "net/ipv4/ip_forward", value: "1" } },
    world: ["sysctl: 1"],
  },
  "replace-route": {
    step: { kind: "replace-route", route: ROUTE },
    world: ["ip route replace 10.0.0.0/16 dev sgvti16384 table 254 metric 100 protocol 83"],
  },
  "delete-route": {
    step: { kind: "delete-route", route: ROUTE },
    world: ["ip route delete 10.0.0.0/16 dev sgvti16384 table 254 metric 100 protocol 83"],
  },
  "add-rule": {
    step: { kind: "add-rule", rule: RULE },
    world: ["ip rule add fwmark 20480 lookup 20480 pref 5347 protocol 83"],
  },
  "delete-rule": {
    step: { kind: "delete-rule", rule: RULE },
    world: ["ip rule delete fwmark 20480 lookup 20480 pref 5347 protocol 83"],
  },
  "apply-firewall": {
    step: { kind: "apply-firewall", text: "table inet spacegate {}\n", desired: FIREWALL, counts: {}, why: "it is not there" },
    world: ["nft add table inet spacegate", "nft delete table inet spacegate", "nft table inet spacegate {}"],
  },
  "remove-firewall": {
    step: { kind: "remove-firewall" },
    world: ["nft add table inet spacegate", "nft delete table inet spacegate"],
  },
  "reread-secrets": {
    step: { kind: "reread-secrets", loaded: LOADED },
    world: ["ipsec rereadsecrets", "ledger loaded fingerprint"],
  },
  "update-conns": {
    step: { kind: "update-conns", tunnels: [TUNNEL], loaded: LOADED },
    world: ["ipsec update", "ledger loaded fingerprint"],
  },
  reauthenticate: {
    step: { kind: "reauthenticate", conn: TUNNEL.conn, uniqueId: 7, pskFingerprint: "f1" },
    world: ['vici rekey {"ikeId":7,"reauth":true}', "ledger authenticated f1"],
  },
  "terminate-ike": {
    step: { kind: "terminate-ike", conn: TUNNEL.conn, uniqueId: 7, why: "it hangs" },
    world: ['vici terminate {"ikeId":7,"force":true,"timeoutMs":300}'],
  },
  initiate: {
    step: { kind: "initiate", tunnel: TUNNEL, pskFingerprint: "f1", why: "it is down" },
    world: [`vici initiate ${TUNNEL.conn}`, "ledger authenticated f1"],
  },
};

/** Everything a step can reach, each writing down what it was asked for. */
const makeWorld = async () => {
  const root = await temporaryDirectory();
  await mkdir(join(root, "etc"));
  await mkdir(join(root, "proc/sys/net/ipv4"), { recursive: true });
  await writeFile(join(root, "etc/ipsec.conf"), "old");
  await writeFile(join(root, "proc/sys/net/ipv4/ip_forward"), "0");
  const { commands, lines: done } = recordingCommands();
  const log = logLines();
  const clock = new ManualClock();
  const note = (text: string) => void done.push(text);
  const conns = {
    listConns: async () => [held(TUNNEL)],
    loadConn: async (name: string) => note(`vici load ${name}`),
    unloadConn: async (name: string) => note(`vici unload ${name}`),
  };
  const sas = {
    terminate: async (options: object) => {
      note(`vici terminate ${JSON.stringify(options)}`);
      return 1;
    },
    rekey: async (options: object) => {
      note(`vici rekey ${JSON.stringify(options)}`);
      return 1;
    },
  };
  const ip = {
    run: async (lines: readonly string[]) => {
      for (const line of lines) note(`ip ${line}`);
      return [];
    },
  };
  const backoff = { firstMs: 1000, maxMs: 1000, jitter: 0, random: () => 0 };
  const vici = { initiate: async ({ ike }: { ike: string }) => note(`vici initiate ${ike}`) };
  const bringUp = new BringUp({ vici, clock, log, backoff, onVerdict: () => {} });
  const ledger = new LedgerStore(join(root, "run/ledger.json"));
  const charon = { commands, conns, clock, linesSince: () => [] };
  const firewall = {
    nft: {
      list: async () => undefined,
      load: async (script: string) => {
        for (const line of script.trim().split("\n")) note(`nft ${line}`);
      },
    },
    store: new FirewallStore(join(root, "run/firewall.json")),
    listing: async () => undefined,
  };
  const deps: ApplyDeps = { root, ip, charon, sas, bringUp, ledger, firewall, log };
  const fileText = (path: string) => readFile(join(root, path), "utf8").catch(() => "");
  const look = async (): Promise<string[]> => [
    ...done,
    ...((await fileText("etc/kept")) && [`file kept: ${await fileText("etc/kept")}`]),
    ...((await fileText("etc/ipsec.secrets")) && [`file ipsec.secrets: ${await fileText("etc/ipsec.secrets")}`]),
    ...((await fileText("proc/sys/net/ipv4/ip_forward")) === "0" ? [] : ["sysctl: 1"]),
    ...Object.values(ledger.ledger.loaded).map((value) => `ledger loaded ${value}`),
    ...Object.values(ledger.ledger.authenticated).map((value) => `ledger authenticated ${value}`),
  ];
  return { deps, log, look };
};

let world: Awaited<ReturnType<typeof makeWorld>>;

beforeEach(async () => {
  world = await makeWorld();
});

describe("a step", () => {
  it.each(Object.values(STEPS))(
    "$step.kind does what it says, and says it without a secret",
    async ({ step, world: expected }) => {
      await execute(step, world.deps);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const seen = await world.look();
      expect(seen.filter((line) => line !== "ipsec start" || step.kind === "start-charon")).toEqual(expected);
      expect(world.log.lines[0]).toContain(`"step":"${step.kind}"`);
      expect(world.log.lines.join("\n")).not.toContain(PSK);
    },
  );

  it("that fails is not noted as done", async () => {
    const { commands } = recordingCommands(() => ({ exitCode: 1, output: "no" }));
    const deps = { ...world.deps, charon: { ...world.deps.charon, commands } };
    for (const kind of ["update-conns", "reread-secrets", "start-charon"] as const)
      expect((await failureOf(() => execute(STEPS[kind].step, deps))).code).toBe("COMMAND_FAILED");
    expect(await world.look()).toEqual([]);
  });
});
