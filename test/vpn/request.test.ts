import { describe, expect, test } from "vitest";
import { settingsSchema } from "../../agent/model/settings.ts";
import { completeRef, completeWanted, type Question } from "../../agent/vpn/request.ts";
import { failureOf, REF } from "./support.ts";

const settingsWith = (...connections: { space: string; name: string; public_address?: string }[]) =>
  settingsSchema.parse({
    connections: connections.map(({ space, name, ...local }) => ({
      space,
      name,
      local: { subnets: ["172.16.0.0/16"], ...local },
    })),
  });

const OFFICE = { space: "acme-space", name: "office", public_address: "52.91.173.226" };
const none = async () => undefined;

describe("space and name", () => {
  test("are those that are given", async () => {
    expect(await completeRef(REF, settingsWith({ space: "other", name: "x" }), undefined, none)).toEqual(REF);
  });

  test("come from the settings where these leave no doubt", async () => {
    expect(await completeRef({}, settingsWith(OFFICE), undefined, none)).toEqual(REF);
    const two = settingsWith(OFFICE, { space: "other-space", name: "branch" });
    expect(await completeRef({ name: "branch" }, two, undefined, none)).toEqual({ space: "other-space", name: "branch" });
    expect(await failureOf(() => completeRef({}, two, undefined, none))).toMatchObject({ code: "OPTION_MISSING" });
  });

  test("the settings' name is not taken for another space", async () => {
    const error = await failureOf(() => completeRef({ space: "other" }, settingsWith(OFFICE), undefined, none));
    expect(error.message).toBe("NAME is missing: the VPN connection's name.");
  });

  test("a name may be the space's only one", async () => {
    expect(await completeRef({ space: "acme-space" }, undefined, undefined, async () => "office")).toEqual(REF);
  });

  test("are asked for at a terminal, and judged there", async () => {
    const asked: Question[] = [];
    const ask = async (question: Question) => {
      asked.push(question);
      return question.example;
    };
    expect(await completeRef({}, undefined, ask, none)).toEqual(REF);
    expect(asked.map(({ check }) => check("No Such Name"))).toEqual([
      expect.stringContaining("lower-case"),
      expect.stringContaining("lower-case"),
    ]);
  });
});

describe("address and CIDRs", () => {
  const ROTATION = {
    ...REF,
    publicIp: "203.0.113.10",
    routableCidrs: ["10.9.0.0/16"],
    oldId: "1",
    stage: "create",
    startedAt: 0,
  } as const;

  test("come from the settings", async () => {
    expect(await completeWanted(REF, {}, settingsWith(OFFICE), undefined, undefined)).toEqual({
      publicIp: "52.91.173.226",
      routableCidrs: ["172.16.0.0/16"],
    });
  });

  test("of an interrupted rotation count before the settings', and what is given before both", async () => {
    expect(await completeWanted(REF, {}, settingsWith(OFFICE), ROTATION, undefined)).toEqual({
      publicIp: "203.0.113.10",
      routableCidrs: ["10.9.0.0/16"],
    });
    const given = { ip: "1.2.3.4", cidrs: ["192.168.0.0/24"] };
    expect(await completeWanted(REF, given, settingsWith(OFFICE), ROTATION, undefined)).toEqual({
      publicIp: "1.2.3.4",
      routableCidrs: ["192.168.0.0/24"],
    });
  });

  test.each([
    [{ cidrs: ["172.16.0.0/16"] }, "--ip"],
    [{ ip: "1.2.3.4" }, "--cidrs"],
  ])("with %j alone: the missing option is named", async (given, option) => {
    const error = await failureOf(() => completeWanted(REF, given, undefined, undefined, undefined));
    expect(error).toMatchObject({ code: "OPTION_MISSING", message: expect.stringContaining(option) });
  });
});
