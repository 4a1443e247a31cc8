import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { SpacegateError } from "../../../agent/lib/errors.ts";
import type { Log } from "../../../agent/lib/log.ts";
import type { LinkProof, LinkStatus, LinkWanted } from "../../../agent/model/privatelink.ts";
import { LinkKeeper } from "../../../agent/privatelink/loop/keeper.ts";
import type { LinkPass, LinkWorks } from "../../../agent/privatelink/loop/keeper-seams.ts";
import type { ProofTarget } from "../../../agent/privatelink/observe/prove.ts";
import { wantedLink } from "../../aws/sample.ts";
import { ManualClock } from "../../lib/support.ts";
import { target } from "../observe/proving.ts";

const LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => LOG };

const GOOD: LinkProof = {
  at: 0,
  hostname: "vpce-1.data.example",
  dns: "endpoint",
  addresses: ["127.0.0.1"],
  silent: [],
  tcp: true,
  hello: true,
  said: "Redis answers PONG",
  rttMs: 1,
  certificateExpiresAt: null,
  trouble: null,
};
const BAD: LinkProof = { ...GOOD, tcp: false, hello: null, trouble: { text: "no answer", fix: "see" } };

const ENDPOINT = {
  ...{ id: "vpce-1", type: "Interface", vpcId: "vpc-1", serviceName: "s", state: "available", privateDns: false, policy: "" },
  ...{ subnetIds: [], securityGroupIds: [], routeTableIds: [], dnsNames: [], addresses: [], tags: {} },
  ...{ createdAt: null, lastError: null },
};

const WELL: LinkPass = {
  herokuStatus: "Operational",
  serviceName: "s",
  endpoint: ENDPOINT,
  problems: [],
  waitingFor: "",
  changes: [],
  target: target(6379, "redis"),
};

/** Works that say what the test has them say, and keep count. */
class FakeWorks implements LinkWorks {
  readonly clock: ManualClock;
  pass_: (wanted: LinkWanted) => Promise<LinkPass> = async () => WELL;
  proof: (target: ProofTarget) => LinkProof = () => GOOD;
  readonly passes: { name: string; at: number }[] = [];
  proofs = 0;
  forgotten = 0;
  atOnce = 0;
  most = 0;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  async pass(wanted: LinkWanted, signal: AbortSignal): Promise<LinkPass> {
    signal.throwIfAborted();
    this.passes.push({ name: wanted.name, at: this.clock.ms });
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    await turn();
    this.atOnce -= 1;
    return this.pass_(wanted);
  }

  async prove(of: ProofTarget): Promise<LinkProof> {
    this.proofs += 1;
    return this.proof(of);
  }

  forget(): void {
    this.forgotten += 1;
  }
}

const entry = (name: string, checkMs = 60_000) => ({ wanted: wantedLink({ name }), checkMs });

const open = () => {
  const clock = new ManualClock();
  const works = new FakeWorks(clock);
  let told: readonly LinkStatus[] = [];
  const onStatus = (links: readonly LinkStatus[]): void => {
    told = links;
  };
  const keeper = new LinkKeeper({ works, clock, log: LOG, random: () => 0, onStatus });
  onTestFinished(() => keeper.stop());
  const until = async (holds: () => boolean): Promise<void> => {
    for (let turns = 0; turns < 5000 && !holds(); turns += 1) await turn();
    expect(holds()).toBe(true);
  };
  return { works, keeper, told: () => told, first: () => told[0], until };
};

describe("the keeper", () => {
  it("tells of a link at once, and that it is ok when a proof says so", async () => {
    const { keeper, first, until } = open();
    await keeper.use([entry("orders")]);
    expect(first()?.status).toBe("starting");
    await until(() => first()?.status === "ok");
    expect(first()).toMatchObject({ name: "orders", endpointId: "vpce-1", troubles: [], proof: GOOD });
  });

  it("looks slowly at what is well, and soon again at what is being made", async () => {
    const { keeper, works, until } = open();
    await keeper.use([entry("orders")]);
    await until(() => works.passes.length === 4);
    const gaps = works.passes.slice(1).map(({ at }, index) => at - (works.passes[index]?.at ?? 0));
    expect(gaps).toEqual([60_000, 60_000, 60_000]);
    works.pass_ = async () => ({ ...WELL, waitingFor: "AWS", target: undefined });
    works.passes.length = 0;
    await until(() => works.passes.length === 4);
    expect((works.passes[3]?.at ?? 0) - (works.passes[2]?.at ?? 0)).toBe(15_000);
  });

  it("goes on proving while AWS does not answer, asks ever less often, and stays ok", async () => {
    const { keeper, works, first, until } = open();
    await keeper.use([entry("orders")]);
    await until(() => first()?.status === "ok");
    works.pass_ = async () => {
      throw new SpacegateError("AWS_UNAVAILABLE", "AWS did not answer", { fix: "wait" });
    };
    works.passes.length = 0;
    await until(() => works.passes.length === 12);
    const gaps = works.passes.slice(1).map(({ at }, index) => at - (works.passes[index]?.at ?? 0));
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(gaps.at(-1)).toBe(600_000);
    expect(works.proofs).toBeGreaterThan(works.passes.length);
    expect(first()).toMatchObject({ status: "ok", troubles: [{ code: "link-aws-unavailable", fix: "wait" }] });
  });

  it("repeats a proof that failed soon, and says down after the second", async () => {
    const { keeper, works, first, until } = open();
    await keeper.use([entry("orders")]);
    await until(() => first()?.status === "ok");
    works.proof = () => BAD;
    await until(() => first()?.status === "degraded");
    const since = first()?.since ?? 0;
    await until(() => first()?.status === "down");
    expect((first()?.since ?? 0) - since).toBe(5000);
    expect(first()?.troubles).toEqual([{ code: "link-down", text: "no answer", fix: "see" }]);
    expect(works.forgotten).toBeGreaterThan(0);
    works.proof = () => GOOD;
    await until(() => first()?.status === "ok");
  });

  it("survives what nobody expected, and says so", async () => {
    const { keeper, works, first, until } = open();
    works.pass_ = async () => {
      throw new TypeError("cannot read properties of undefined");
    };
    await keeper.use([entry("orders")]);
    await until(() => first()?.troubles[0]?.code === "link-refused");
    works.pass_ = async () => WELL;
    works.prove = async () => {
      throw new RangeError("what a proof never throws");
    };
    await until(() => works.passes.length > 5);
  });

  it("lets one link's trouble be that link's only", async () => {
    const { keeper, works, told, until } = open();
    works.pass_ = async ({ name }) => {
      if (name === "sick") throw new SpacegateError("AWS_FORBIDDEN", "ec2:CreateVpcEndpoint", { fix: "allow it" });
      return WELL;
    };
    await keeper.use([entry("sick"), entry("well")]);
    await until(() => told().every(({ status }) => status !== "starting"));
    expect(told().map(({ name, status }) => [name, status])).toEqual([
      ["sick", "down"],
      ["well", "ok"],
    ]);
  });

  it("asks for few links at a time", async () => {
    const { keeper, works, told, until } = open();
    await keeper.use(Array.from({ length: 30 }, (_, index) => entry(`link-${index}`)));
    await until(() => told().length === 30 && told().every(({ status }) => status === "ok"));
    expect(works.most).toBeLessThanOrEqual(4);
  });

  it("only stops looking after a link that is taken out, and begins anew with one that is declared otherwise", async () => {
    const { keeper, works, told, until } = open();
    await keeper.use([entry("a"), entry("b")]);
    await until(() => told().every(({ status }) => status === "ok"));
    await keeper.use([entry("b"), { ...entry("c"), checkMs: 30_000 }]);
    expect(told().map(({ name, status }) => [name, status])).toEqual([
      ["b", "ok"],
      ["c", "starting"],
    ]);
    works.passes.length = 0;
    await until(() => works.passes.some(({ name }) => name === "c"));
    expect(works.passes.some(({ name }) => name === "a")).toBe(false);
  });

  it("is silent after it was stopped", async () => {
    const { keeper, works, told, until } = open();
    await keeper.use([entry("a")]);
    await until(() => told()[0]?.status === "ok");
    await keeper.stop();
    const [passes, last] = [works.passes.length, told()];
    for (let turns = 0; turns < 50; turns += 1) await turn();
    expect(works.passes).toHaveLength(passes);
    expect(told()).toBe(last);
  });
});
