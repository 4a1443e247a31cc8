import type { RawSettings } from "../../lab/agent.ts";
import { check } from "../../lab/check.ts";
import { type Health, isWhole, readHealth, untilHealth, untilWhole } from "../../lab/health.ts";
import type { Lab } from "../../lab/lab.ts";
import { untilPasses } from "../../lab/metrics.ts";
import type { Scenario } from "../../lab/scenarios/scenario.ts";
import { quick } from "../../lab/steady.ts";
import { Random } from "../../vici/random.ts";
import { benchSettings } from "../agent-runs.ts";
import { LegalTexts, leftovers } from "../legal-texts.ts";

const probed = benchSettings({ interval: "200ms", misses: 3 });

/** With quick passes there are more moments in which one is under way. */
const base = (settings: RawSettings): RawSettings => quick(probed(settings));

/** Each renders another ipsec.conf; none of them asks for another SA. */
const VARIANTS: readonly ((settings: RawSettings) => RawSettings)[] = [
  base,
  ...(["7s", "9s"] as const).map((delay) => (settings: RawSettings) => {
    const { connections, ...rest } = base(settings);
    return {
      ...rest,
      connections: (connections as readonly RawSettings[]).map((one) => ({ ...one, dpd: { delay, timeout: "27s" } })),
    };
  }),
];

/** So long after a disturbance or a start the agent is killed, at most: a failover with its passes takes a second and a half. */
const MOMENTS_MS = 2500;

const learnTexts = async (lab: Lab): Promise<LegalTexts> => {
  const legal = new LegalTexts();
  for (const variant of VARIANTS) {
    await lab.writeSettings(variant);
    await untilPasses(lab, 2);
    await untilWhole(lab);
    await legal.learn(lab.gateway);
  }
  check(legal.variants === VARIANTS.length, `${VARIANTS.length} texts of ipsec.conf should differ, found ${legal.variants}`);
  return legal;
};

const DISTURBANCES = ["none", "settings", "cut", "delete", "settings and cut"] as const;
type Disturbance = (typeof DISTURBANCES)[number];

const disturb = async (lab: Lab, kind: Disturbance, carrier: 1 | 2, random: Random): Promise<void> => {
  if (kind.includes("settings")) await lab.writeSettings(random.pick(VARIANTS));
  if (kind.includes("cut")) await lab.cut(carrier);
  if (kind === "delete") await lab.deleteFromPeer(carrier);
};

const installed = async (lab: Lab): Promise<number> =>
  (await lab.sas()).flatMap(({ children }) => children).filter(({ state }) => state === "INSTALLED").length;

/** One agent's end and the next one's beginning. */
class Executions {
  readonly #lab: Lab;
  readonly #legal: LegalTexts;
  readonly #random: Random;
  kills = 0;

  constructor(lab: Lab, legal: LegalTexts, random: Random) {
    this.#lab = lab;
    this.#legal = legal;
    this.#random = random;
  }

  /** Kills the agent at a random moment from now. */
  async kill(what: string): Promise<void> {
    await this.#lab.sleep(this.#random.below(MOMENTS_MS) / 1000);
    this.#lab.checkAgentRuns();
    await this.#lab.agent.kill();
    this.kills += 1;
    await this.#legal.check(this.#lab.gateway, `after kill ${this.kills} (${what})`);
  }

  /** While nothing but the settings changed there is a tunnel all the time, whoever was killed. */
  async checkTunnelStands(kind: Disturbance): Promise<void> {
    if (kind !== "none" && kind !== "settings") return;
    check((await installed(this.#lab)) > 0, `after kill ${this.kills} (${kind}): no CHILD_SA is left`);
    const { received } = await this.#lab.ping(3);
    check(received > 0, `after kill ${this.kills} (${kind}): nothing passes`);
  }
}

const untilConverged = (lab: Lab): Promise<Health> =>
  untilHealth(lab, "every wanted tunnel as passing after a restart", 60, (health) => isWhole(lab, health));

export const kill: Scenario = {
  name: "kill",
  title: "kill -9 at any moment leaves whole files and a tunnel, and every restart converges",
  engines: ["libipsec"],
  timeoutSeconds: 24 * 3600,
  run: async (lab) => {
    const { kills = 200, seed = 20_261_122 } = lab.options.parameters;
    const random = new Random(seed);
    await lab.heroku.start();
    await lab.startAgent(base);
    await untilWhole(lab);
    const executions = new Executions(lab, await learnTexts(lab), random);
    const seconds: number[] = [];
    while (executions.kills < kills) {
      const kind = random.pick(DISTURBANCES);
      const carrier = (await readHealth(lab))?.carrier ?? 1;
      await disturb(lab, kind, carrier, random);
      await executions.kill(kind);
      await executions.checkTunnelStands(kind);
      if (kind.includes("cut")) await lab.restore(carrier);
      lab.restartAgent();
      // Half of the restarts are killed themselves, which is when most passes are under way.
      if (random.below(2) === 0 && executions.kills < kills) {
        await executions.kill(`${kind}, then while starting`);
        await executions.checkTunnelStands(kind);
        lab.restartAgent();
      }
      const startedAt = performance.now();
      await untilConverged(lab);
      seconds.push((performance.now() - startedAt) / 1000);
      if (seconds.length % 10 === 0) lab.progress(`${executions.kills} kills`);
    }
    await untilPasses(lab, 1);
    const rest = leftovers(lab.gateway);
    check(rest.length === 0, `half-written files are left: ${rest.join(", ")}`);
    lab.findings.numbers = { kills: [executions.kills], converged_s: seconds };
  },
};
