import { describe, expect, test } from "vitest";
import { connect, wait } from "../../agent/vpn/connect.ts";
import { changesAsked, failureOf, flowDeps, KEY, OFFICE, REF, stand, WANTED, wire } from "./support.ts";

describe("connect", () => {
  test("creates the connection and waits through everything that Heroku shows", async () => {
    const { heroku, api } = await stand();
    const { deps, said } = flowDeps(heroku);
    const connection = await connect(REF, WANTED, deps);
    expect(connection).toMatchObject({ name: "office", status: "active", publicIp: "203.0.113.10" });
    expect(connection.tunnels.map(({ psk }) => String(psk))).toEqual(["[redacted]", "[redacted]"]);
    expect(changesAsked(api.requests)).toEqual(["POST /spaces/acme-space/vpn-connections"]);
    expect(said).toEqual([
      expect.stringContaining("Heroku makes acme-space/office"),
      expect.stringContaining("not to be seen yet"),
      "acme-space/office is pending",
      "acme-space/office is provisioning: Creating the VPN gateways",
      "acme-space/office is provisioning: Creating the VPN gateways, 2 of 2 tunnels",
    ]);
  });

  test("asks Heroku for nothing when a value would not work", async () => {
    const { heroku, api } = await stand();
    const wanted = { publicIp: "10.1.1.1", routableCidrs: ["172.17.0.0/16", "8.8.8.0/24"] };
    const error = await failureOf(() => connect(REF, wanted, flowDeps(heroku).deps));
    expect(error).toMatchObject({ code: "VPN_REFUSED", message: expect.stringMatching(/--ip .*\n.*--cidrs .*\n.*--cidrs /) });
    expect(changesAsked(api.requests)).toEqual([]);
  });

  test("creates nothing where the same connection is, and waits for it", async () => {
    const { heroku, api } = await stand({ connections: OFFICE });
    expect(await connect(REF, WANTED, flowDeps(heroku).deps)).toMatchObject({ status: "active" });
    expect(changesAsked(api.requests)).toEqual([]);
  });

  test.each([
    ["another name", { ...REF, name: "branch" }, WANTED],
    ["another address", REF, { ...WANTED, publicIp: "203.0.113.11" }],
    ["other CIDRs", REF, { ...WANTED, routableCidrs: ["172.18.0.0/16"] }],
  ])("is refused where the space has a connection with %s", async (_what, ref, wanted) => {
    const { heroku, api } = await stand({ connections: OFFICE });
    const error = await failureOf(() => connect(ref, wanted, flowDeps(heroku).deps));
    expect(error).toMatchObject({ code: "VPN_REFUSED", fix: expect.stringContaining("vpn destroy office") });
    expect(changesAsked(api.requests)).toEqual([]);
  });

  test("waits for one that is being removed to be gone", async () => {
    const { heroku } = await stand({ connections: OFFICE, removed: { [KEY]: Date.now() } });
    expect(await connect(REF, WANTED, flowDeps(heroku).deps)).toMatchObject({ status: "active" });
  });

  test("shows Heroku's words about a conflict while it asks again", async () => {
    const { heroku } = await stand({ fault: { kind: "status", status: 409, only: "POST", times: 1 } });
    const { deps, said } = flowDeps(heroku);
    await connect(REF, WANTED, deps);
    expect(said).toContainEqual(expect.stringMatching(/conflicts with what is there \(409: As ordered\.\)/));
  });

  test("ends with the provider's words when Heroku fails, and how to try again", async () => {
    const { heroku } = await stand({ outcome: { status: "failed", status_message: "No capacity in us-east-1." } });
    const error = await failureOf(() => connect(REF, WANTED, flowDeps(heroku).deps));
    expect(error).toMatchObject({
      code: "VPN_FAILED",
      message: expect.stringContaining("It says: failed: No capacity in us-east-1."),
      fix: expect.stringMatching(/vpn destroy office .*\n.*vpn connect office/),
    });
  });

  test("tells Heroku's own refusal as it is", async () => {
    const { heroku } = await stand({ fault: { kind: "status", status: 422, only: "POST" } });
    expect(await failureOf(() => connect(REF, WANTED, flowDeps(heroku).deps))).toMatchObject({
      code: "HEROKU_REFUSED",
      message: expect.stringContaining("422: As ordered."),
    });
  });

  test.each(["reset", "hang"] as const)("asks again after an answer that was lost (%s), and creates one only", async (kind) => {
    const { heroku, state } = await stand({ fault: { kind, only: "POST", times: 2 } });
    expect(await connect(REF, WANTED, flowDeps(heroku).deps)).toMatchObject({ status: "active" });
    expect(Object.keys(state.connections)).toEqual([KEY]);
  });

  test("goes by Heroku's word how long to leave it alone", async () => {
    const { heroku, api } = await stand({ fault: { kind: "status", status: 429, retryAfter: 1, only: "POST", times: 1 } });
    const { deps, said } = flowDeps(heroku);
    const begun = performance.now();
    await connect(REF, WANTED, deps);
    expect(performance.now() - begun).toBeGreaterThan(1000);
    expect(said[0]).toContain("limits how often");
    expect(changesAsked(api.requests)).toHaveLength(2);
  });

  test("stopped while Heroku works says so, and how to go on", async () => {
    const { heroku } = await stand();
    const { deps, stop } = flowDeps(heroku);
    const begun = failureOf(() => connect(REF, WANTED, deps));
    setTimeout(stop, 150);
    expect(await begun).toMatchObject({
      code: "INTERRUPTED",
      message: expect.stringContaining("goes on making it"),
      fix: "Go on with: spacegate vpn wait office --space acme-space",
    });
  });

  test("stopped before anything was asked says that", async () => {
    const { heroku } = await stand();
    const { deps, stop } = flowDeps(heroku);
    stop();
    expect(await failureOf(() => connect(REF, WANTED, deps))).toMatchObject({
      code: "INTERRUPTED",
      message: "Stopped. Nothing was changed.",
    });
  });
});

describe("wait", () => {
  test("goes on over errors that pass", async () => {
    const { heroku } = await stand({ connections: OFFICE, fault: { kind: "status", status: 503, times: 2 } });
    const { deps, said } = flowDeps(heroku);
    await wait(REF, deps);
    expect(said).toEqual([expect.stringMatching(/Heroku cannot answer now \(503.*; asking again$/)]);
  });

  test("ends at once when the token is refused", async () => {
    const { heroku } = await stand({ token: "another" });
    expect(await failureOf(() => wait(REF, flowDeps(heroku).deps))).toMatchObject({ code: "SOURCE_UNAUTHORIZED" });
  });

  test("gives up after its time and says what it saw last", async () => {
    const { heroku } = await stand({ connections: { [KEY]: wire({ status: "provisioning", tunnels: [] }) } });
    const error = await failureOf(() => wait(REF, flowDeps(heroku, { timeoutMs: 100 }).deps));
    expect(error).toMatchObject({
      code: "VPN_TIMEOUT",
      message: expect.stringMatching(/^Waited 0\.1 s for .*acme-space\/office is provisioning/),
    });
  });

  test("is not content with active and one tunnel", async () => {
    const { heroku } = await stand({ connections: { [KEY]: wire({ tunnels: [(wire().tunnels as unknown[])[0]] }) } });
    const error = await failureOf(() => wait(REF, flowDeps(heroku, { timeoutMs: 100 }).deps));
    expect(error.message).toContain("is active, 1 of 2 tunnels");
  });

  test("knows that a name will not come where the space has another connection", async () => {
    const { heroku } = await stand({ connections: OFFICE });
    const error = await failureOf(() => wait({ ...REF, name: "ofice" }, flowDeps(heroku).deps));
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", fix: "acme-space has the VPN connection office." });
  });

  test.each([
    ["deprovisioning", wire({ status: "deprovisioning" }), "VPN_FAILED"],
    ["failed", wire({ status: "failed", status_message: "Broken." }), "VPN_FAILED"],
  ])("ends at %s", async (_what, connection, code) => {
    const { heroku } = await stand({ connections: { [KEY]: connection } });
    expect(await failureOf(() => wait(REF, flowDeps(heroku).deps))).toMatchObject({ code });
  });

  test("notices that the connection goes away", async () => {
    const { heroku, state } = await stand({ connections: { [KEY]: wire({ status: "pending" }) } });
    const waiting = failureOf(() => wait(REF, flowDeps(heroku).deps));
    setTimeout(() => {
      state.connections = {};
    }, 100);
    expect(await waiting).toMatchObject({ code: "VPN_FAILED", message: expect.stringContaining("does not know it any more") });
  });
});
