import { describe, expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { carryOut, type PassPlan } from "../../agent/loop/pass.ts";
import type { Observed } from "../../agent/model/observed.ts";
import type { Step } from "../../agent/model/step.ts";
import { describeStep } from "../../agent/model/step-text.ts";
import { fingerprint, freshHost, loadedConn, matchingHost, runningCharon, sample, tunnelOf } from "../sample.ts";

const own = sample();
const [one, two] = [tunnelOf(own, 1), tunnelOf(own, 2)];

const initiate = (tunnel: typeof one): Step => ({
  kind: "initiate",
  tunnel,
  pskFingerprint: fingerprint(tunnel.psk),
  why: "it is down",
});
const addLink = (n: number): Step => {
  const link = own.desired.links[n];
  if (!link) throw new Error("the sample has no such link");
  return { kind: "add-link", link };
};
const update: Step = { kind: "update-conns", tunnels: [one, two], loaded: {} };

const planOf = (steps: readonly Step[], observed: Observed): PassPlan => ({
  ...{ result: own.result, files: own.files, observed, steps },
  ...{ firewall: "held", filesHeld: false, changing: [], hopeless: [] },
});

/** Carries out, with the steps that match failing; what was tried, as text. */
const tried = async (
  steps: readonly Step[],
  observed: Observed,
  failing: RegExp,
  thrown: unknown = new SpacegateError("COMMAND_FAILED", "no luck", { fix: "try again" }),
) => {
  const texts: string[] = [];
  const outcome = await carryOut(planOf(steps, observed), async (step) => {
    texts.push(describeStep(step));
    if (failing.test(describeStep(step))) throw thrown;
  });
  return { texts, outcome };
};

const STEPS = [addLink(0), addLink(1), update, initiate(one), initiate(two)];

describe("carrying a pass out", () => {
  it("takes every step in order", async () => {
    const { texts, outcome } = await tried(STEPS, matchingHost(own), /^never$/);
    expect(texts).toEqual(STEPS.map(describeStep));
    expect(outcome).toEqual({ done: STEPS, asides: [] });
  });

  it("after a failure only repairs tunnels that charon holds as desired", async () => {
    const charon = runningCharon(own.desired, { conns: [loadedConn(one), loadedConn(two, { remoteAddrs: ["192.0.2.1"] })] });
    const { texts, outcome } = await tried(STEPS, { ...matchingHost(own), charon }, /add the VTI link/);
    expect(texts).toEqual([describeStep(addLink(0)), describeStep(initiate(one))]);
    expect(outcome.done).toEqual([initiate(one)]);
    expect(outcome.error).toMatchObject({ code: "COMMAND_FAILED", message: "no luck" });
  });

  it.each([
    ["charon does not hold", freshHost()],
    ["charon is not there to hold", { ...freshHost(), charon: { kind: "absent", why: "ECONNREFUSED" } } as const],
  ])("after a failure leaves alone what %s", async (_name, observed) => {
    const { texts } = await tried(STEPS, observed, /read the conns/);
    expect(texts.at(-1)).toBe(describeStep(update));
  });

  it("lets one tunnel's failure stand for itself", async () => {
    const { texts, outcome } = await tried([initiate(one), initiate(two)], matchingHost(own), /\.1:/);
    expect(texts).toHaveLength(2);
    expect(outcome.done).toEqual([initiate(two)]);
    expect(outcome.error?.message).toBe("no luck");
  });

  it("tells the first failure of several", async () => {
    let n = 0;
    const outcome = await carryOut(planOf([initiate(one), initiate(two)], matchingHost(own)), async () => {
      n += 1;
      throw new SpacegateError("COMMAND_FAILED", `failure ${n}`, { fix: "" });
    });
    expect(outcome.error?.message).toBe("failure 1");
  });

  it("makes an error with a fix of anything that is thrown", async () => {
    const { outcome } = await tried([update], matchingHost(own), /./, new TypeError("x is not a function"));
    expect(outcome.error).toMatchObject({ code: "COMMAND_FAILED", message: expect.stringContaining("x is not a function") });
    expect(outcome.error?.fix).not.toBe("");
  });
});
