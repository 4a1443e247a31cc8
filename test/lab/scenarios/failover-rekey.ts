import { check, checkEqual, waitUntil } from "../check.ts";
import { movesOf, withConnection } from "../failover.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { checkNoLoss } from "../ping.ts";
import { quick, startSteady } from "../steady.ts";
import { saIds } from "../strongswan.ts";
import type { Scenario } from "./scenario.ts";

const COUNTER = /^(spacegate_tunnel_(?:received|sent)_(?:bytes|packets)_total\{[^}]*\}) (\S+)$/gm;

const readCounters = async (lab: Lab): Promise<ReadonlyMap<string, number>> => {
  const text = (await lab.http("/metrics"))?.body ?? "";
  return new Map([...text.matchAll(COUNTER)].map(([, name = "", value]) => [name, Number(value)]));
};

/** Looks at /metrics until it is stopped; throws when a counter went back. */
class CounterWatch {
  readonly #lab: Lab;
  #last: ReadonlyMap<string, number> = new Map();
  #problems: string[] = [];
  #looks = 0;
  #running = true;
  readonly #done: Promise<void>;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.#done = this.#watch();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
    checkEqual(this.#problems, [], "counters that went back");
    check(
      this.#last.size === 8 && this.#looks > 10,
      `eight counters should have been seen again and again, found ${this.#last.size}`,
    );
  }

  async #watch(): Promise<void> {
    while (this.#running) {
      const now = await readCounters(this.#lab);
      for (const [name, before] of this.#last)
        if ((now.get(name) ?? -1) < before) this.#problems.push(`${name}: ${before}, then ${now.get(name)}`);
      this.#last = now;
      this.#looks += 1;
      await this.#lab.sleep(0.2);
    }
  }
}

/** Renews keys in the gateway, and waits until the SAs are others and one a tunnel again. */
const renew = async (lab: Lab, what: string, ...argv: readonly string[]): Promise<void> => {
  lab.progress(what);
  const before = saIds(await lab.sas());
  await lab.inGateway(["swanctl", "--rekey", ...argv]);
  await waitUntil(`${what}: other SAs`, 20, async () => {
    const now = saIds(await lab.sas());
    return now.join() !== before.join() ? { done: true, value: undefined } : { done: false, seen: now.join("; ") };
  });
  await lab.sleep(2);
};

const renewAll = async (lab: Lab): Promise<void> => {
  const names = [...new Set((await lab.sas()).map(({ name }) => name))];
  for (const name of names) {
    await renew(lab, `rekeying the CHILD_SA of ${name}`, "--child", name);
    await renew(lab, `authenticating ${name} anew`, "--ike", name, "--reauth");
  }
};

export const failoverRekey: Scenario = {
  name: "failover-rekey",
  title: "Renewing keys under traffic loses no ping, and the counters never go back",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab);
    const moves = movesOf(lab.agent).length;
    const [pings, counters] = [lab.watchPings(), new CounterWatch(lab)];
    await renewAll(lab);
    await lab.sleep(12);
    await untilWhole(lab);
    const series = await pings.stop();
    await counters.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while keys were renewed");
    checkEqual(movesOf(lab.agent).length, moves, "moves of traffic");
  },
};

const SECONDS = 75;

export const failoverLifetimes: Scenario = {
  name: "failover-lifetimes",
  slow: true,
  title: "With the shortest lifetimes keys are renewed by themselves, without an outage",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 180,
  run: async (lab) => {
    await startSteady(lab, (settings) => withConnection({ lifetimes: { ike: "60s", child: "30s" } })(quick(settings)));
    const moves = movesOf(lab.agent).length;
    const [pings, counters] = [lab.watchPings(), new CounterWatch(lab)];
    lab.progress(`${SECONDS} s with CHILD_SAs of 30 s and IKE_SAs of 60 s`);
    await lab.sleep(SECONDS);
    await untilWhole(lab);
    const series = await pings.stop();
    await counters.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    const log = await lab.charonLog();
    const [children, ikes] = [/CHILD_SA \S+ established/g, /IKE_SA \S+ established/g].map((one) => log.match(one)?.length ?? 0);
    lab.findings.notes.push(`in ${SECONDS} s charon made ${children} CHILD_SAs and ${ikes} IKE_SAs`);
    // strongSwan in the VPN gateway installs a new CHILD_SA with the third message, and a packet may overtake that.
    const lost = series.sent - series.received;
    check(lost <= Math.floor((children ?? 0) / 4), `${lost} of ${series.sent} pings lost in ${children} CHILD_SAs`);
    check(
      series.longestGapSeconds < 0.2,
      `keys should not end before they are renewed, found a gap of ${series.longestGapSeconds} s`,
    );
    checkEqual(movesOf(lab.agent).length, moves, "moves of traffic");
  },
};
