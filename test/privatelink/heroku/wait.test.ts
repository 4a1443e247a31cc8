import { describe, expect, test } from "vitest";
import { SpacegateError } from "../../../agent/lib/errors.ts";
import { untilGone, untilOperational, wait } from "../../../agent/privatelink/heroku/wait.ts";
import { failureOf, linkLike, scripted, TARGET } from "./support.ts";

const account = (status: string, id = "123456789012") => ({ accountId: id, arn: `arn:aws:iam::${id}:root`, status });
const away = (retryAfterMs?: number) =>
  new SpacegateError("SOURCE_RATE_LIMITED", "Heroku limits", {
    fix: "Wait.",
    details: retryAfterMs === undefined ? {} : { retryAfterMs },
  });

describe("waiting for a link", () => {
  test("ends when it is Operational, named, and all its accounts are Active", async () => {
    const { deps, said, clock } = scripted([
      undefined,
      linkLike({ status: "Provisioning", serviceName: "", allowedAccounts: [] }),
      linkLike({ serviceName: "" }),
      linkLike({ allowedAccounts: [account("Active"), account("Provisioning", "210987654321")] }),
      linkLike({ allowedAccounts: [account("Active"), account("Active", "210987654321")] }),
    ]);
    const link = await wait(TARGET, [], deps);
    expect(link.allowedAccounts).toHaveLength(2);
    expect(clock.monotonic() - 1000).toBe(40_000);
    expect(said).toEqual([
      expect.stringContaining("not to be seen yet"),
      "acme-app/redis-kvs-12345 is Provisioning",
      "acme-app/redis-kvs-12345 is Operational, and has no service name yet",
      "acme-app/redis-kvs-12345 is Operational; arn:aws:iam::210987654321:root is Provisioning",
    ]);
  });

  test("waits for the accounts that it was made for, though Heroku shows none yet", async () => {
    const { deps, said } = scripted([linkLike({ allowedAccounts: [] }), linkLike()]);
    await wait(TARGET, ["123456789012"], deps);
    expect(said).toEqual([expect.stringContaining("not let in yet: 123456789012")]);
  });

  test("shows a state that nobody knows, and goes on", async () => {
    const { deps, said } = scripted([linkLike({ status: "Hibernating" }), linkLike()]);
    await wait(TARGET, [], deps);
    expect(said).toEqual(["acme-app/redis-kvs-12345 is Hibernating"]);
  });

  test.each(["Failed", "Provisioning failed", "Error"])("ends in Heroku's words when it is %s", async (status) => {
    const { deps } = scripted([linkLike({ status })]);
    expect(await failureOf(() => wait(TARGET, [], deps))).toMatchObject({
      code: "PRIVATELINK_FAILED",
      message: expect.stringContaining(`It says: ${status}`),
    });
  });

  test.each(["Rejected", "Failed", "Invalid"])("ends when an account is %s", async (status) => {
    const { deps } = scripted([linkLike({ status: "Provisioning", allowedAccounts: [account(status)] })]);
    expect(await failureOf(() => wait(TARGET, [], deps))).toMatchObject({
      code: "PRIVATELINK_FAILED",
      message: expect.stringContaining(`arn:aws:iam::123456789012:root in. It says: ${status}`),
    });
  });

  test.each(["Deprovisioning", "Deprovisioned"])("ends when somebody removes it (%s)", async (status) => {
    const { deps } = scripted([linkLike({ status: "Provisioning" }), linkLike({ status })]);
    expect(await failureOf(() => wait(TARGET, [], deps))).toMatchObject({ code: "PRIVATELINK_FAILED" });
  });

  test("ends when it was there and is not any more", async () => {
    const { deps } = scripted([linkLike({ status: "Provisioning" }), undefined]);
    expect(await failureOf(() => wait(TARGET, [], deps))).toMatchObject({
      code: "PRIVATELINK_FAILED",
      message: expect.stringContaining("does not know it any more"),
    });
  });

  test("that was never made ends after two minutes, right after its creation after the whole time", async () => {
    const never = scripted([undefined]);
    expect(await failureOf(() => wait(TARGET, [], never.deps))).toMatchObject({
      code: "PRIVATELINK_NOT_FOUND",
      fix: expect.stringContaining("create redis-kvs-12345 --app acme-app"),
    });
    expect(never.clock.monotonic()).toBe(121_000);
    const slow = scripted([undefined]);
    expect(await failureOf(() => untilOperational(TARGET, [], slow.deps))).toMatchObject({ code: "PRIVATELINK_TIMEOUT" });
  });

  test("ends after its time, with what was seen last", async () => {
    const { deps, clock } = scripted([linkLike({ status: "Provisioning" })]);
    expect(await failureOf(() => wait(TARGET, [], deps))).toMatchObject({
      code: "PRIVATELINK_TIMEOUT",
      message: expect.stringMatching(/Waited 20m for .* Last seen: acme-app\/redis-kvs-12345 is Provisioning/),
    });
    expect(clock.monotonic()).toBe(1_201_000);
  });

  test("asks past errors that pass, as late as Heroku wants", async () => {
    const { deps, clock, said } = scripted([away(30_000), away(), linkLike()]);
    await wait(TARGET, [], deps);
    expect(clock.monotonic()).toBe(41_000);
    expect(said[0]).toBe("Heroku limits; asking again");
  });

  test("ends at once with an error that does not", async () => {
    const { deps, looked } = scripted([new SpacegateError("SOURCE_UNAUTHORIZED", "no", { fix: "x" })]);
    expect(await failureOf(() => wait(TARGET, [], deps))).toMatchObject({ code: "SOURCE_UNAUTHORIZED" });
    expect(looked()).toBe(1);
  });

  test("that is stopped says that nothing is lost, and how to go on", async () => {
    const made = scripted([linkLike({ status: "Provisioning" })]);
    const waiting = failureOf(() => wait(TARGET, ["123456789012"], made.deps));
    made.stop();
    expect(await waiting).toMatchObject({
      code: "INTERRUPTED",
      message: expect.stringContaining("Heroku goes on with the PrivateLink"),
      fix: "Go on with: wait redis-kvs-12345 --app acme-app 123456789012",
    });
  });
});

test("a link is gone only when Heroku does not know it: Deprovisioned is not enough", async () => {
  const { deps, said } = scripted([linkLike({ status: "Deprovisioning" }), linkLike({ status: "Deprovisioned" }), undefined]);
  await untilGone(TARGET, deps);
  expect(said).toEqual(["acme-app/redis-kvs-12345 is Deprovisioning", "acme-app/redis-kvs-12345 is Deprovisioned"]);
});
