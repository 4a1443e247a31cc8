import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import type { ConnectionStatus, TunnelStatus } from "../../agent/model/status.ts";
import { destroy } from "../../agent/vpn/destroy.ts";
import type { FlowDeps } from "../../agent/vpn/flow.ts";
import { RotationFiles } from "../../agent/vpn/record.ts";
import { type RotateDeps, rotate } from "../../agent/vpn/rotate.ts";
import type { StandInState } from "../lab/stand-in/platform-api.ts";
import { changesAsked, failureOf, flowDeps, KEY, never, OFFICE, REF, stand, temporaryDirectory, wire } from "./support.ts";

const YES = { given: "office", ask: undefined };
const PATH = "/spaces/acme-space/vpn-connections";

const noAgent = async (): Promise<undefined> => {
  throw new SpacegateError("NOT_RUNNING", "nobody answers", { fix: "start it" });
};

const setup = async (changes: Partial<StandInState> = {}, flow: Partial<FlowDeps> = {}) => {
  const made = await stand({ connections: OFFICE, ...changes });
  const root = await temporaryDirectory();
  const { deps: plain, said, stop } = flowDeps(made.heroku, flow);
  const rotations = new RotationFiles(root);
  const deps: RotateDeps = { ...plain, rotations, agent: noAgent };
  const records = () => readdir(join(root, "var/lib/spacegate")).catch(() => []);
  return { ...made, root, rotations, deps, said, stop, records };
};

describe("rotate", () => {
  test("destroys, creates again with what was kept, and forgets about it", async () => {
    const { deps, heroku, api, records } = await setup();
    const before = await heroku.find(REF, never);
    const { connection, followed } = await rotate(REF, YES, deps);
    expect(changesAsked(api.requests)).toEqual([`DELETE ${PATH}/office`, `POST ${PATH}`]);
    expect(connection).toMatchObject({ name: "office", publicIp: "203.0.113.10", routableCidrs: ["172.16.0.0/16"] });
    expect(connection.tunnels[0]?.psk?.reveal()).not.toBe(before?.tunnels[0]?.psk?.reveal());
    expect([followed, await records()]).toEqual(["not-running", []]);
  });

  test("says first how long traffic stops", async () => {
    const { deps, said } = await setup();
    await rotate(REF, YES, deps);
    expect(said[0]).toMatch(/both tunnels go down, and no traffic passes.*minutes/);
    expect(said[0]).toContain("one VPN connection a space");
  });

  test.each([
    ["another name", { given: "ofice", ask: undefined }, "VPN_REFUSED"],
    ["no confirmation and nobody to ask", { given: undefined, ask: undefined }, "OPTION_MISSING"],
    ["another name, typed", { given: undefined, ask: async () => "yes" }, "VPN_REFUSED"],
  ])("changes nothing with %s", async (_what, confirmation, code) => {
    const { deps, api, records } = await setup();
    expect(await failureOf(() => rotate(REF, confirmation, deps))).toMatchObject({ code });
    expect([changesAsked(api.requests), await records()]).toEqual([[], []]);
  });

  test("destroys nothing that could not be made again", async () => {
    const { deps, api } = await setup({ spaces: { "acme-space": { data_cidr: "172.16.0.0/20" } } });
    expect(await failureOf(() => rotate(REF, YES, deps))).toMatchObject({ code: "VPN_REFUSED" });
    expect(changesAsked(api.requests)).toEqual([]);
  });

  test("destroys nothing where it could not remember", async () => {
    const { deps, api, root } = await setup();
    await writeFile(join(root, "var"), "");
    const error = await failureOf(() => rotate(REF, YES, deps));
    expect(error).toMatchObject({ code: "HOST_WRITE_FAILED", fix: expect.stringContaining("root") });
    expect(changesAsked(api.requests)).toEqual([]);
  });

  test("creates in the end although Heroku is away and limits in between", async () => {
    const { deps, state } = await setup({ fault: { kind: "status", status: 503, only: "POST", times: 3 } });
    await rotate(REF, YES, deps);
    expect(state.connections[KEY]).toMatchObject({ name: "office", public_ip: "203.0.113.10" });
  });
});

/** Waits until the stand-in shows `condition`, then stops the flow. */
const stopWhen = (stop: () => void, condition: () => boolean): void => {
  const timer = setInterval(() => {
    if (!condition()) return;
    clearInterval(timer);
    stop();
  }, 5);
};

describe("a rotation that was stopped", () => {
  const asked = (made: Awaited<ReturnType<typeof setup>>, method: string) =>
    made.api.requests.some((request) => request.method === method);

  test("while Heroku removes says what is kept, and goes on without destroying twice", async () => {
    const made = await setup();
    stopWhen(made.stop, () => asked(made, "DELETE"));
    const error = await failureOf(() => rotate(REF, YES, made.deps));
    expect(error).toMatchObject({
      code: "INTERRUPTED",
      message: expect.stringContaining("what it is made of is kept (203.0.113.10, 172.16.0.0/16)"),
      fix: "Go on with: spacegate vpn rotate office --space acme-space",
    });
    const { connection } = await rotate(REF, { given: undefined, ask: undefined }, { ...made.deps, signal: never });
    expect(connection.publicIp).toBe("203.0.113.10");
    expect(await made.records()).toEqual([]);
    expect(changesAsked(made.api.requests).filter((line) => line.startsWith("POST"))).toHaveLength(1);
  });

  test("between destroy and create still knows name, address and CIDRs", async () => {
    const made = await setup({ fault: { kind: "status", status: 503, only: "POST" } });
    stopWhen(made.stop, () => asked(made, "POST"));
    const error = await failureOf(() => rotate(REF, YES, made.deps));
    expect(error.message).toMatch(/destroyed and not created again yet: NO TRAFFIC PASSES/);
    expect(await made.rotations.read("acme-space")).toMatchObject({
      name: "office",
      stage: "create",
      publicIp: "203.0.113.10",
      routableCidrs: ["172.16.0.0/16"],
    });
    made.state.fault = null;
    const { connection } = await rotate(REF, { given: undefined, ask: undefined }, { ...made.deps, signal: never });
    expect(connection).toMatchObject({ status: "active", publicIp: "203.0.113.10" });
  });

  test("while Heroku makes the new one only waits for it", async () => {
    const made = await setup();
    stopWhen(made.stop, () => made.said.some((line) => line.includes("is pending")));
    expect((await failureOf(() => rotate(REF, YES, made.deps))).message).toContain("goes on doing so");
    const before = changesAsked(made.api.requests).length;
    await rotate(REF, { given: undefined, ask: undefined }, { ...made.deps, signal: never });
    expect(changesAsked(made.api.requests)).toHaveLength(before);
  });

  test("before anything was destroyed asks for confirmation anew", async () => {
    const made = await setup();
    const { publicIp, routableCidrs } = { publicIp: "203.0.113.10", routableCidrs: ["172.16.0.0/16"] };
    await made.rotations.write({ ...REF, publicIp, routableCidrs, oldId: "123456789012", stage: "destroy", startedAt: 0 });
    const error = await failureOf(() => rotate(REF, { given: undefined, ask: undefined }, made.deps));
    expect(error.code).toBe("OPTION_MISSING");
    expect(changesAsked(made.api.requests)).toEqual([]);
  });

  test("after the new one was made says that this is all, and how to have newer PSKs", async () => {
    const made = await setup();
    const kept = { publicIp: "203.0.113.10", routableCidrs: ["172.16.0.0/16"] };
    await made.rotations.write({ ...REF, ...kept, oldId: "old", stage: "create", startedAt: 0 });
    await rotate(REF, YES, made.deps);
    expect(changesAsked(made.api.requests)).toEqual([]);
    expect(made.said).toContainEqual(expect.stringMatching(/made anew already.*newer PSKs.*spacegate vpn rotate office/s));
  });

  test("destroys nothing that was made since, whatever ids look like", async () => {
    const [old, made] = ["01234567-89ab-cdef-0123-456789abcdef", "fedcba98-7654-3210-fedc-ba9876543210"];
    const { deps, rotations, api } = await setup({ connections: { [KEY]: { ...wire(), id: made } } });
    const kept = { publicIp: "203.0.113.10", routableCidrs: ["172.16.0.0/16"] };
    await rotations.write({ ...REF, ...kept, oldId: old, stage: "destroy", startedAt: Date.now() });
    expect((await rotate(REF, YES, deps)).connection.id).toBe(made);
    expect(changesAsked(api.requests)).toEqual([]);
  });

  test("by Heroku's failure removes what is left and makes it again", async () => {
    const made = await setup({ outcome: { status: "failed", status_message: "No capacity." } });
    const error = await failureOf(() => rotate(REF, YES, made.deps));
    expect(error).toMatchObject({ code: "VPN_FAILED", message: expect.stringMatching(/No capacity\.\nNO TRAFFIC PASSES/) });
    expect(error.fix).toContain("spacegate vpn rotate office");
    made.state.outcome = {};
    // The stand-in's failure belongs to the connection that it made.
    made.state.connections[KEY] = { ...made.state.connections[KEY], status: "failed" };
    made.state.made = {};
    const { connection } = await rotate(REF, { given: undefined, ask: undefined }, made.deps);
    expect(connection.status).toBe("active");
  });

  test("leaves a file without secrets that only root reads", async () => {
    const made = await setup({ fault: { kind: "status", status: 503, only: "POST" } });
    stopWhen(made.stop, () => asked(made, "POST"));
    await failureOf(() => rotate(REF, YES, made.deps));
    expect(JSON.stringify(await made.rotations.read("acme-space"))).not.toMatch(/psk|abcdef/i);
    expect(await made.records()).toEqual(["rotate-acme-space.json"]);
  });
});

const tunnel = (index: 1 | 2, changes: Partial<TunnelStatus>): TunnelStatus => ({
  index,
  conn: `office-${index}`,
  address: "",
  ike: "ESTABLISHED",
  child: "INSTALLED",
  passing: true,
  rttMs: null,
  lossRatio: null,
  since: 0,
  reason: null,
  providerStatus: "UP",
  bytesIn: 0,
  bytesOut: 0,
  packetsIn: 0,
  packetsOut: 0,
  lastPacketInAt: null,
  childRekeys: 0,
  losses: 0,
  recentLosses: 0,
  ...changes,
});

describe("the agent after a rotation", () => {
  /** An agent that goes through the stages, one a question, and stays at the last. */
  const agentWith = (stages: readonly ((addresses: readonly string[]) => Partial<ConnectionStatus>)[], state: StandInState) => {
    let place = 0;
    return async (): Promise<ConnectionStatus> => {
      const stage = stages[Math.min(place, stages.length - 1)];
      place += 1;
      const addresses = ((state.connections[KEY]?.tunnels ?? []) as { ip: string }[]).map(({ ip }) => ip);
      const fresh: ConnectionStatus = {
        ...REF,
        status: "ok",
        routing: "vti",
        carrier: 1,
        providerStatus: "active",
        source: { kind: "platform-api", origin: "source", confirmedAt: Date.now(), error: null },
        tunnels: [tunnel(1, { address: addresses[0] ?? "" }), tunnel(2, { address: addresses[1] ?? "" })],
      };
      return { ...fresh, ...stage?.(addresses) };
    };
  };

  const OLD = { kind: "platform-api", origin: "source", confirmedAt: 0, error: null } as const;

  test("is followed until it has the new details and both tunnels pass", async () => {
    const made = await setup({}, { timeoutMs: 20_000 });
    const agent = agentWith(
      [
        () => ({ source: OLD }),
        (ips) => ({ tunnels: [tunnel(1, { address: ips[0] ?? "" }), tunnel(2, { address: ips[1] ?? "", passing: false })] }),
        () => ({}),
      ],
      made.state,
    );
    const { followed } = await rotate(REF, YES, { ...made.deps, agent });
    expect(followed).toBe("passing");
    expect(made.said.slice(-2)).toEqual([
      "the agent has not taken the new details of acme-space/office yet",
      "the agent has acme-space/office's new details; tunnel 1 passing, tunnel 2 up, not passing",
    ]);
  }, 15_000);

  test("with policy routing has one tunnel up, and that is right", async () => {
    const made = await setup();
    const agent = agentWith(
      [
        (ips) => ({
          routing: "policy",
          tunnels: [tunnel(1, { address: ips[0] ?? "" }), tunnel(2, { address: ips[1] ?? "", child: "NONE", passing: false })],
        }),
      ],
      made.state,
    );
    expect((await rotate(REF, YES, { ...made.deps, agent })).followed).toBe("passing");
  });

  test("that goes by other addresses has not taken them", async () => {
    const made = await setup({}, { timeoutMs: 800 });
    const agent = agentWith(
      [() => ({ tunnels: [tunnel(1, { address: "1.1.1.1" }), tunnel(2, { address: "1.1.1.2" })] })],
      made.state,
    );
    const error = await failureOf(() => rotate(REF, YES, { ...made.deps, agent }));
    expect(error).toMatchObject({ code: "VPN_TIMEOUT", message: expect.stringContaining("active at Heroku") });
    expect(await made.records()).toEqual(["rotate-acme-space.json"]);
  });

  test("that does not know the connection is told", async () => {
    const made = await setup();
    expect((await rotate(REF, YES, { ...made.deps, agent: async () => undefined })).followed).toBe("not-configured");
  });
});

describe("destroy", () => {
  test("says what is lost, removes, and waits until it is gone", async () => {
    const { deps, said, api, heroku } = await setup();
    await destroy(REF, YES, deps);
    expect(said[0]).toMatch(/both tunnels down for good: no traffic between the space and 172\.16\.0\.0\/16/);
    expect(changesAsked(api.requests)).toEqual([`DELETE ${PATH}/office`]);
    expect(await heroku.find(REF, never)).toBeUndefined();
  });

  test("changes nothing without the right name", async () => {
    const { deps, api } = await setup();
    const error = await failureOf(() => destroy(REF, { given: "acme-space", ask: undefined }, deps));
    expect(error).toMatchObject({ code: "VPN_REFUSED", fix: "To go on, confirm with: office" });
    expect(changesAsked(api.requests)).toEqual([]);
  });

  test("of what is not there names what is", async () => {
    const { deps } = await setup();
    const error = await failureOf(() => destroy({ ...REF, name: "branch" }, YES, deps));
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", fix: "acme-space has the VPN connection office." });
  });

  test("stopped says that it cannot be taken back", async () => {
    const { deps, stop, api } = await setup();
    stopWhen(stop, () => api.requests.some(({ method }) => method === "DELETE"));
    expect(await failureOf(() => destroy(REF, YES, deps))).toMatchObject({
      code: "INTERRUPTED",
      message: expect.stringContaining("cannot be taken back"),
      fix: expect.stringContaining("vpn destroy office"),
    });
  });

  test("needs no confirmation to see a removal through", async () => {
    const { deps } = await setup({ connections: { [KEY]: wire() }, removed: { [KEY]: Date.now() } });
    await destroy(REF, { given: undefined, ask: undefined }, deps);
  });
});
