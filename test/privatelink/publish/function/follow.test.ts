import { describe, expect, test } from "vitest";
import { follow } from "../../../../agent/privatelink/publish/function/follow.ts";
import { World } from "./world.ts";

const OLD = "10.0.1.10";
const NEW = "10.0.2.20";

const named = (name: string, message = "as ordered"): Error => Object.assign(new Error(message), { name });

/** A failover that is over: the name and the service have moved. */
const moved = (): World => {
  const world = new World();
  world.names = [[0, [NEW]]];
  world.serving = [[0, [NEW]]];
  return world;
};

const minute = (world: World): Promise<void> => follow(world.deps(), { watch: false });
const event = (world: World): Promise<void> => follow(world.deps(), { watch: true });

describe("a run of the minute", () => {
  test("changes nothing when the group is in step, and says so", async () => {
    const world = new World();
    await minute(world);
    expect(world.acts).toEqual([]);
    expect(world.lines).toEqual([{ level: "info", event: "in-step", addresses: [OLD] }]);
  });

  test("fills an empty group", async () => {
    const world = new World([]);
    await minute(world);
    expect(world.members).toEqual([OLD]);
  });

  test("brings the new address in, and the old one goes when the new one is healthy", async () => {
    const world = moved();
    // Aurora's writer of before goes on as a reader.
    world.serving = [[0, [OLD, NEW]]];
    await minute(world);
    expect(world.acts).toEqual([`0 register ${NEW}`, `20000 deregister ${OLD}`]);
    expect(world.outages).toEqual([]);
    expect(world.events).toEqual(["registered", "deregistered"]);
  });

  test("lets an old address that serves nobody go as soon as the new one is in", async () => {
    const world = moved();
    await minute(world);
    expect(world.acts).toEqual([`0 register ${NEW}`, `0 deregister ${OLD}`]);
  });

  test("has both of two addresses, and keeps them", async () => {
    const world = new World();
    world.names = [[0, [OLD, NEW]]];
    world.serving = [[0, [OLD, NEW]]];
    await minute(world);
    await minute(world);
    expect(world.acts).toEqual([`0 register ${NEW}`]);
    expect(world.members).toEqual([OLD, NEW]);
  });

  test("keeps a healthy old address for as long as the new one is not healthy", async () => {
    const world = moved();
    world.serving = [[0, [OLD]]];
    await minute(world);
    expect(world.members).toEqual([OLD, NEW]);
    expect(world.lines).toContainEqual(expect.objectContaining({ level: "warn", event: "kept", addresses: [OLD] }));
    world.serving = [[0, [NEW]]];
    await minute(world);
    expect(world.members).toEqual([NEW]);
  });

  test("never empties the group while nothing is healthy, and tells what can be reached", async () => {
    const world = new World();
    world.serving = [[0, []]];
    await minute(world);
    expect(world.members).toEqual([OLD]);
    expect(world.lines).toContainEqual({
      level: "warn",
      event: "nothing-healthy",
      states: { [OLD]: "unhealthy" },
      reached: { [OLD]: false },
    });
  });

  test("registers an address again that comes back while it drains", async () => {
    const world = moved();
    await minute(world);
    world.names = [[0, [OLD]]];
    world.serving = [[0, [OLD]]];
    await minute(world);
    expect(world.acts.slice(2)).toEqual([`0 register ${OLD}`, `20000 deregister ${NEW}`]);
    expect(world.members).toEqual([OLD]);
  });

  test("leaves alone what drains already", async () => {
    const world = new World([OLD, NEW]);
    world.drain(NEW);
    await minute(world);
    expect(world.acts).toEqual([]);
  });
});

describe("when the name has no answer", () => {
  test.each([
    ["NXDOMAIN", named("Error", "queryA ENOTFOUND mydb")],
    ["an empty answer", named("Error", "queryA ENODATA mydb")],
    ["no resolver", named("Error", "queryA ETIMEOUT mydb")],
  ])("%s: the group keeps what it has, and the run counts as failed", async (_what, answer) => {
    const world = new World([OLD, NEW]);
    world.names = [[0, answer]];
    await expect(minute(world)).rejects.toBe(answer);
    expect(world.acts).toEqual([]);
    expect(world.lines).toEqual([{ level: "error", event: "pass-failed", error: "Error", message: answer.message }]);
  });

  test("the second time it is asked, the old address stays", async () => {
    const world = moved();
    world.serving = [[0, [OLD, NEW]]];
    world.names.push([20_000, named("Error", "queryA ETIMEOUT mydb")]);
    await expect(minute(world)).rejects.toThrow("ETIMEOUT");
    expect(world.members).toEqual([OLD, NEW]);
  });
});

describe("two runs at once", () => {
  test("an answer of before does not undo what a newer one has brought about", async () => {
    const world = new World();
    const late = world.deps();
    let moves = 0;
    const seenBefore = { ...late, names: async () => (moves++ === 0 ? [OLD] : [NEW]) };
    world.names = [[0, [NEW]]];
    world.serving = [[0, [NEW]]];
    await minute(world);
    expect(world.members).toEqual([NEW]);
    await follow(seenBefore, { watch: false });
    expect(world.members).toContain(NEW);
    await minute(world);
    expect(world.members).toEqual([NEW]);
    expect(world.outages).toEqual([]);
  });

  test("both do the same work and lose nothing", async () => {
    const world = moved();
    await Promise.all([minute(world), event(world)]);
    expect(world.members).toEqual([NEW]);
    expect(world.outages).toEqual([]);
  });
});

describe("what AWS refuses", () => {
  test("one address does not keep the other out", async () => {
    const world = new World();
    world.names = [[0, [NEW, "54.1.2.3"]]];
    world.serving = [[0, [NEW]]];
    world.refuse = (call, addresses) =>
      call === "register" && addresses.includes("54.1.2.3")
        ? named("InvalidTargetException", "54.1.2.3 is not in the VPC")
        : undefined;
    await expect(minute(world)).rejects.toThrow("54.1.2.3 is not in the VPC");
    expect(world.members).toEqual([NEW]);
    expect(world.outages).toEqual([]);
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: "error", event: "not-registered", addresses: ["54.1.2.3"] }),
    );
  });

  test("the only new address: the old one stays, though it is ill", async () => {
    const world = moved();
    world.refuse = (call) => (call === "register" ? named("ThrottlingException", "Rate exceeded") : undefined);
    await expect(minute(world)).rejects.toThrow("Rate exceeded");
    expect(world.members).toEqual([OLD]);
  });

  test("to take the old one out: the next run does", async () => {
    const world = moved();
    world.refuse = (call) => (call === "deregister" ? named("ThrottlingException", "Rate exceeded") : undefined);
    await expect(minute(world)).rejects.toThrow("Rate exceeded");
    world.refuse = () => undefined;
    await minute(world);
    expect(world.members).toEqual([NEW]);
  });

  test("to tell who is in the group: nothing is changed", async () => {
    const world = moved();
    world.refuse = (call) => (call === "targets" ? named("ThrottlingException", "Rate exceeded") : undefined);
    await expect(minute(world)).rejects.toThrow("Rate exceeded");
    expect(world.acts).toEqual([]);
  });
});

describe("a run for an event of RDS", () => {
  test("looks until the name has moved", async () => {
    const world = new World();
    world.names = [
      [0, [OLD]],
      [32_000, [NEW]],
    ];
    world.serving = [
      [0, [OLD]],
      [10_000, []],
      [30_000, [NEW]],
    ];
    await event(world);
    expect(world.acts[0]).toBe(`35000 register ${NEW}`);
    expect(world.members).toEqual([NEW]);
    expect(world.outages).toEqual([]);
  });

  test("goes on over a name that has no answer for a while", async () => {
    const world = new World();
    world.names = [
      [0, named("Error", "queryA ETIMEOUT mydb")],
      [20_000, [NEW]],
    ];
    world.serving = [[0, [NEW]]];
    await event(world);
    expect(world.members).toEqual([NEW]);
  });

  test("gives up after a minute, before Lambda does", async () => {
    const world = new World();
    await event(world);
    expect(world.now).toBe(60_000);
    expect(world.acts).toEqual([]);
  });
});
