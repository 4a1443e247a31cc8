import { describe, expect, it } from "vitest";
import { SUBNET, wantedLink } from "../../aws/sample.ts";
import { type Gateway, ingressOf, openGateway } from "./support.ts";

describe("a process that is killed after any call", () => {
  const writes = ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint"];

  it.each(writes.flatMap((action) => [[action, 0] as const, [action, 45_000] as const]))(
    "makes nothing twice: %s, shown after %d ms",
    async (action, shown) => {
      const gateway = await openGateway();
      gateway.world.pace.shown = shown;
      const killed = new AbortController();
      gateway.standIn.onCall = (call) => {
        if (call.action === action) killed.abort();
      };
      await expect(gateway.connect(wantedLink(), { signal: killed.signal })).rejects.toMatchObject({ code: "INTERRUPTED" });
      gateway.standIn.onCall = () => undefined;
      const { endpoint } = await gateway.connect(wantedLink());
      expect(endpoint.state).toBe("available");
      expect(gateway.world.endpoints).toHaveLength(1);
      expect(gateway.world.groups).toHaveLength(1);
      expect(ingressOf(gateway)).toEqual(["6379-6379 172.31.0.0/16"]);
    },
  );

  /** Killed after the call number `at` of a kind that changes something or not; then started again. */
  const killedAt = async (gateway: Gateway, at: number, act: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> => {
    const killed = new AbortController();
    let calls = 0;
    gateway.standIn.onCall = () => {
      calls++;
      if (calls === at) killed.abort();
    };
    await act(killed.signal).catch(() => undefined);
    gateway.standIn.onCall = () => undefined;
    return killed.signal.aborted;
  };

  it("makes nothing twice wherever it is killed, be it again and again", async () => {
    const gateway = await openGateway();
    gateway.world.pace.shown = 20_000;
    let at = 1;
    while (await killedAt(gateway, at, (signal) => gateway.connect(wantedLink(), { signal }))) at++;
    expect(at).toBeGreaterThan(12);
    expect(gateway.world.endpoints).toHaveLength(1);
    expect(gateway.world.groups).toHaveLength(1);
    expect(ingressOf(gateway)).toEqual(["6379-6379 172.31.0.0/16"]);
    gateway.takeWrites();
    await gateway.connect(wantedLink());
    expect(gateway.takeWrites()).toEqual([]);
  }, 60_000);

  it("repairs drift and deletes to the end wherever it is killed", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    const drifted = wantedLink({ subnetIds: [SUBNET.b2], allowedCidrs: ["10.1.0.0/16"], port: 6380 });
    let at = 1;
    while (await killedAt(gateway, at, (signal) => gateway.connect(drifted, { signal }))) at++;
    expect(gateway.world.endpoints.map(({ subnetIds }) => subnetIds)).toEqual([[SUBNET.b2]]);
    expect(ingressOf(gateway)).toEqual(["6380-6380 10.1.0.0/16"]);
    at = 1;
    while (await killedAt(gateway, at, (signal) => gateway.disconnect(drifted, signal))) at++;
    expect([gateway.world.livingEndpoints, gateway.world.groups]).toEqual([[], []]);
  }, 60_000);

  it("makes nothing twice beside another process that does the same", async () => {
    const gateway = await openGateway();
    gateway.world.pace.shown = 20_000;
    const both = await Promise.all([gateway.connect(wantedLink()), gateway.connect(wantedLink())]);
    expect(new Set(both.map(({ endpoint }) => endpoint.id)).size).toBe(1);
    expect(gateway.world.endpoints).toHaveLength(1);
    expect(gateway.world.groups).toHaveLength(1);
  });

  it("makes nothing twice although the subnets were changed in between", async () => {
    const gateway = await openGateway();
    gateway.world.pace.shown = 45_000;
    const killed = new AbortController();
    gateway.standIn.onCall = ({ action }) => {
      if (action === "CreateVpcEndpoint") killed.abort();
    };
    await expect(gateway.connect(wantedLink(), { signal: killed.signal })).rejects.toMatchObject({ code: "INTERRUPTED" });
    gateway.standIn.onCall = () => undefined;
    const { endpoint } = await gateway.connect(wantedLink({ subnetIds: [SUBNET.a] }));
    expect(gateway.world.endpoints).toHaveLength(1);
    expect(endpoint.subnetIds).toEqual([SUBNET.a]);
  });
});
