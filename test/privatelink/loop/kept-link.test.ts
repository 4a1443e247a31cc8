import { describe, expect, it, onTestFinished } from "vitest";
import type { LinkStatus } from "../../../agent/model/privatelink.ts";
import { LinkKeeper } from "../../../agent/privatelink/loop/keeper.ts";
import { Works } from "../../../agent/privatelink/loop/works.ts";
import { openAws, SUBNET, VPC, wantedLink } from "../../aws/sample.ts";
import { ManualClock } from "../../lib/support.ts";
import { freePort, HOST, makeIdentity, redisServer } from "../observe/servers.ts";
import { FakeHeroku, PASSWORD } from "./fake-heroku.ts";

const STARTED_AT = new ManualClock().ms;

/** Time goes by itself while nothing is asked; what is asked takes its real time. */
class PatientClock extends ManualClock {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await super.sleep(ms, signal);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A keeper with AWS's stand-in, and a real Redis behind the endpoint's name, which leads to this host. */
const open = async (port: number, subnetIds: readonly string[] = [SUBNET.a, SUBNET.b]) => {
  const clock = new PatientClock();
  const { world, aws } = await openAws(clock);
  world.vpcs.splice(0, 1, { id: VPC, cidr: "127.0.0.0/8", dnsHostnames: true, dnsSupport: true });
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log };
  const resolve = async () => ({ addresses: [HOST], failure: "" });
  const works = new Works({ heroku: new FakeHeroku(clock), aws: async () => aws, resolve, clock, log, remember: () => {} });
  const told: LinkStatus[] = [];
  const onStatus = ([status]: readonly LinkStatus[]): void => {
    if (status) told.push(status);
  };
  const keeper = new LinkKeeper({ works, clock, log, random: () => 0, onStatus });
  onTestFinished(() => keeper.stop());
  const until = async (holds: (status: LinkStatus) => boolean): Promise<LinkStatus> => {
    for (let tries = 0; tries < 1500; tries += 1) {
      const status = told.at(-1);
      if (status && holds(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`it is ${JSON.stringify(told.at(-1))}`);
  };
  await keeper.use([{ wanted: wantedLink({ port, subnetIds }), checkMs: 60_000 }]);
  return { clock, world, told, until };
};

describe("a declared link, with a real Redis behind it", () => {
  it("comes from nothing to PONG, is down when it is rejected, and says why", async () => {
    const { clock, world, told, until } = await open(
      await redisServer(await makeIdentity(), "--requirepass", decodeURIComponent(PASSWORD)),
    );
    const ok = await until(({ status }) => status === "ok");
    expect(ok.proof).toMatchObject({ dns: "endpoint", tcp: true, hello: true, said: "Redis answers PONG" });
    expect(clock.ms - STARTED_AT).toBeLessThan(15 * 60_000);
    expect([...new Set(told.map(({ status }) => status))]).toEqual(["starting", "provisioning", "ok"]);
    expect(JSON.stringify(told)).not.toContain("p4ss");

    Object.assign(world.livingEndpoints[0] ?? {}, { forced: "rejected" });
    const rejected = await until(({ endpointState }) => endpointState === "rejected");
    expect(rejected).toMatchObject({ status: "down", proof: null });
    expect(rejected.troubles[0]).toMatchObject({ code: "link-rejected", fix: expect.stringContaining("disconnect redis") });
    expect(world.livingEndpoints).toHaveLength(1);
  }, 30_000);

  it("is down, and names the zone, when its subnet has not the service", async () => {
    const { world, until } = await open(await freePort(), [SUBNET.c]);
    const { troubles } = await until(({ status }) => status === "down");
    expect(troubles[0]).toMatchObject({ code: "link-zone", text: expect.stringContaining(SUBNET.c) });
    expect(world.livingEndpoints).toEqual([]);
  }, 30_000);

  it("is down when nobody listens behind it", async () => {
    const { until } = await open(await freePort());
    const { troubles, proof } = await until(({ status }) => status === "down");
    expect(troubles[0]?.code).toBe("link-down");
    expect(proof?.trouble?.text).toContain("refuses the connection");
  }, 30_000);
});
