import { describe, expect, test } from "vitest";
import { parseSettings } from "../../agent/settings/parse.ts";
import { decide } from "../../agent/setup/flow.ts";
import type { FoundConnection, Prompts, SetupDeps, SetupFlags, TextQuestion } from "../../agent/setup/seams.ts";
import { settingsText } from "../../agent/setup/settings-text.ts";
import { failureOf } from "../source/support.ts";

const OFFICE: FoundConnection = {
  name: "office",
  status: "active",
  publicIp: "203.0.113.10",
  routableCidrs: ["172.16.0.0/16", "192.168.0.0/24"],
  spaceCidr: "10.0.0.0/16",
  tunnels: [{ ip: "34.203.187.158" }],
};

interface World {
  readonly spaces?: readonly string[];
  readonly there?: readonly FoundConnection[];
  readonly own?: string | null;
  readonly networks?: readonly string[];
  readonly cloud?: string;
  readonly unfit?: readonly string[];
  readonly prompts?: Prompts;
}

const depsWith = ({ spaces = ["acme-space"], there = [OFFICE], own = "172.31.5.4", networks = [], ...world }: World) => {
  const said: string[] = [];
  const deps: SetupDeps = {
    heroku: {
      spaces: async () => spaces.map((name) => ({ name, region: "virginia", state: "allocated" })),
      list: async () => there,
      unfit: async () => world.unfit ?? [],
      taken: async () => ["10.0.0.0/16", "10.1.0.0/16", "172.17.0.0/16"],
    },
    host: {
      ownAddress: async () => own ?? undefined,
      localNetworks: async () => networks,
      publicAddress: async () => (world.cloud === undefined ? undefined : { cloud: "EC2", address: world.cloud }),
    },
    prompts: world.prompts,
    say: (text) => void said.push(text),
    signal: new AbortController().signal,
  };
  return { deps, said };
};

const decided = (flags: SetupFlags, world: World = {}) => decide(flags, depsWith(world).deps);

/** Answers each question with what it offers, unless `answers` has something for it. */
const person = (answers: Readonly<Record<string, string>> = {}) => {
  const asked: TextQuestion[] = [];
  const answerTo = (message: string) => Object.entries(answers).find(([part]) => message.includes(part))?.[1];
  const prompts: Prompts = {
    text: async (question) => {
      asked.push(question);
      return answerTo(question.message) ?? question.initial ?? "";
    },
    select: async (message, choices) => answerTo(message) ?? choices[0]?.value ?? "",
    confirm: async (message) => answerTo(message) !== "no",
  };
  return { prompts, asked };
};

describe("without a person", () => {
  test("the only space and connection are taken, and what Heroku routes", async () => {
    expect(await decided({})).toEqual({
      chosen: {
        space: "acme-space",
        name: "office",
        address: "auto",
        ownAddress: "172.31.5.4",
        publicAddress: undefined,
        subnets: OFFICE.routableCidrs,
        routing: "auto",
        probeTarget: undefined,
      },
      create: undefined,
    });
  });

  test("the public address is what the cloud says, else an own one without NAT", async () => {
    expect((await decided({}, { cloud: "203.0.113.10" })).chosen.publicAddress).toBe("203.0.113.10");
    expect((await decided({}, { own: "52.91.173.226" })).chosen.publicAddress).toBe("52.91.173.226");
  });

  test("another public address than Heroku's is pointed out", async () => {
    const { deps, said } = depsWith({ cloud: "52.91.173.226" });
    await decide({}, deps);
    expect(said).toContainEqual(expect.stringMatching(/Heroku expects this gateway at 203\.0\.113\.10, not at 52\.91\.173\.226/));
  });

  test("a new connection gets the local networks that the space leaves free", async () => {
    const networks = ["172.16.0.0/24", "10.0.0.0/8", "192.168.0.0/24"];
    const flags = { create: true, connection: "office", publicAddress: "203.0.113.10" };
    const { create } = await decided(flags, { there: [], networks });
    expect(create).toEqual({ publicIp: "203.0.113.10", routableCidrs: ["172.16.0.0/24", "192.168.0.0/24"] });
  });

  test.each<[string, SetupFlags, World]>([
    ["--space", {}, { spaces: ["a", "b"] }],
    ["--create", {}, { there: [] }],
    ["--connection", { create: true }, { there: [] }],
    ["--address", {}, { own: null }],
    ["--public-address", { create: true, connection: "office" }, { there: [] }],
    ["--subnets", { create: true, connection: "office", publicAddress: "203.0.113.10" }, { there: [] }],
  ])("%s is named when it is missing", async (option, flags, world) => {
    const error = await failureOf(() => decided(flags, world));
    expect(error).toMatchObject({ code: "OPTION_MISSING", message: expect.stringMatching(new RegExp(`^${option} is missing`)) });
  });

  test.each<[string, SetupFlags, World]>([
    ["no space at all", {}, { spaces: [] }],
    ["--no-create", { create: false }, { there: [] }],
    [
      "what Heroku would not make",
      { create: true, connection: "office", publicAddress: "10.0.0.1", subnets: ["172.16.0.0/16"] },
      { there: [], unfit: ["x"] },
    ],
    ["a public network as a subnet", { subnets: ["8.8.8.0/24"] }, {}],
    ["host bits in a subnet", { subnets: ["172.16.0.1/16"] }, {}],
    ["no subnet", { subnets: [] }, {}],
    ["an own address that is none", { address: "eth0" }, {}],
    ["a public address that is private", { publicAddress: "10.0.0.1" }, {}],
    ["a probe that is no address", { probeTarget: "dyno" }, {}],
  ])("%s is refused", async (_what, flags, world) => {
    expect(await failureOf(() => decided(flags, world))).toMatchObject({ code: "SETUP_REFUSED" });
  });
});

test.each(["a/b", "x\n  evil: y", "-x", ""])("a connection called %j is refused before Heroku is asked", async (connection) => {
  const { deps } = depsWith({ there: [] });
  const list = async () => expect.unreachable();
  const flags = { space: "acme-space", create: true, connection };
  expect(await failureOf(() => decide(flags, { ...deps, heroku: { ...deps.heroku, list } }))).toMatchObject({
    code: "CONNECTION_INVALID",
  });
});

describe("with a person", () => {
  test("what is found is offered, what is given is not asked", async () => {
    const { prompts, asked } = person();
    await decided({ probeTarget: "none" }, { prompts, spaces: ["a", "b"] });
    expect(asked.map(({ message, initial }) => [message.slice(0, 40), initial])).toEqual([
      ["This gateway's public address? (Heroku m", "203.0.113.10"],
      ["Which networks behind this gateway may t", "172.16.0.0/16,192.168.0.0/24"],
    ]);
  });

  test("answers are judged while they can be corrected", async () => {
    const { prompts, asked } = person({ "public address": "52.91.173.226" });
    await decided({}, { prompts });
    const check = (part: string, answer: string) => asked.find(({ message }) => message.includes(part))?.check(answer);
    expect(check("public address", "10.0.0.1")).toBeDefined();
    expect(check("Which networks", "172.16.0.0/16, 10.5.0.0/16")).toMatch(/10\.5\.0\.0\/16 is not within/);
    expect(check("Which networks", "172.16.4.0/24 192.168.0.0/24")).toBeUndefined();
    expect(check("answers pings", "10.2.0.1")).toMatch(/not in the space/);
    expect(check("answers pings", "10.0.0.10")).toBeUndefined();
    expect(check("answers pings", "")).toBeUndefined();
  });

  test("who wants no connection has nothing to set up", async () => {
    const { prompts } = person({ "Have Heroku make one": "no" });
    expect(await failureOf(() => decided({}, { prompts, there: [] }))).toMatchObject({ code: "SETUP_REFUSED" });
  });
});

describe("the settings file", () => {
  test.each([
    [{}],
    [{ publicAddress: "203.0.113.10", probeTarget: "10.0.0.10", routing: "policy", address: "172.31.5.4" }],
    [{ subnets: ["172.16.0.0/16", "192.168.0.0/24"], ownAddress: undefined }],
  ])("is valid with %j, and says the same", async (changes) => {
    const { chosen } = await decided({});
    const all = { ...chosen, ...changes };
    const { connections, heroku } = parseSettings(settingsText(all, "2026-11-22"), "config.yaml");
    expect(heroku.source).toBe("platform-api");
    expect(connections).toMatchObject([
      {
        space: "acme-space",
        name: "office",
        local: {
          address: all.address,
          subnets: all.subnets,
          ...(all.publicAddress ? { public_address: all.publicAddress } : {}),
        },
        routing: all.routing,
      },
    ]);
    expect(connections[0]?.probe?.target).toBe(all.probeTarget);
  });
});
