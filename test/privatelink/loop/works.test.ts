import { describe, expect, it } from "vitest";
import { Redactor } from "../../../agent/lib/redaction.ts";
import type { LinkWanted } from "../../../agent/model/privatelink.ts";
import { READ_ACTIONS } from "../../../agent/privatelink/aws/actions.ts";
import type { PassAws } from "../../../agent/privatelink/loop/link-pass.ts";
import { Works } from "../../../agent/privatelink/loop/works.ts";
import { AwsFault } from "../../aws/model/server.ts";
import { openAws, SUBNET, wantedKinesis, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { ManualClock } from "../../lib/support.ts";
import { FakeHeroku, PASSWORD } from "./fake-heroku.ts";

const READS = new Set([...READ_ACTIONS.map((action) => action.slice(4)), "GetCallerIdentity"]);
const MINUTE = 60_000;

/** The agent is killed after so many changes, before it hears the answer. */
const killedAfter = <T extends object>(changes: { left: number }, part: T, names: readonly string[]): T =>
  new Proxy(part, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        const answer: unknown = await value.apply(target, args);
        if (names.includes(String(name))) {
          changes.left -= 1;
          if (changes.left === 0) throw new Error("killed");
        }
        return answer;
      };
    },
  });

const WRITES = ["createGroup", "authorize", "revoke", "createEndpoint", "modifyEndpoint", "create", "addAccounts"];

const open = async () => {
  const clock = new ManualClock();
  const { world, server, aws } = await openAws(clock);
  const heroku = new FakeHeroku(clock);
  const redactor = new Redactor();
  const changes = { left: 0 };
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log };
  const killable: PassAws = {
    reader: aws.reader,
    writer: killedAfter(changes, aws.writer, WRITES),
    observe: (...args) => aws.observe(...args),
  };
  /** An agent that knows nothing of earlier ones. */
  const start = (): Works =>
    new Works({
      heroku: killedAfter(changes, heroku, WRITES),
      aws: async () => killable,
      resolve: async () => ({ addresses: [], failure: "" }),
      ...{ clock, log },
      remember: (secret) => redactor.add(secret),
    });
  const signal = new AbortController().signal;
  /** Passes a quarter of a minute apart, until one only reads and waits for nothing; each death is followed by a new agent. */
  const untilQuiet = async (wanted: LinkWanted): Promise<number> => {
    let [works, deaths] = [start(), 0];
    for (let passes = 0; passes < 200; passes += 1) {
      const pass = await works.pass(wanted, signal).catch((thrown: unknown) => {
        if (!String(thrown).includes("killed")) throw thrown;
        works = start();
        deaths += 1;
        return undefined;
      });
      if (pass && pass.changes.length === 0 && pass.waitingFor === "") return deaths;
      clock.ms += MINUTE / 4;
    }
    throw new Error("it never came to rest");
  };
  const writes = (): string[] => server.calls.splice(0).flatMap(({ action }) => (READS.has(action) ? [] : [action]));
  return { clock, world, heroku, redactor, changes, start, untilQuiet, writes, signal, server };
};

describe("a declared link", () => {
  it("is brought about from nothing, and then only looked at", async () => {
    const { world, heroku, start, untilQuiet, writes, signal, server } = await open();
    await untilQuiet(wantedLink());
    expect(heroku.asked).toEqual(["create 123456789012"]);
    expect(writes()).toEqual(["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint"]);
    expect(world.livingEndpoints).toHaveLength(1);
    const pass = await start().pass(wantedLink(), signal);
    expect(pass).toMatchObject({ herokuStatus: "Operational", endpoint: { state: "available" }, problems: [], changes: [] });
    expect(server.calls.length).toBeLessThanOrEqual(10);
    expect(writes()).toEqual([]);
  });

  it("lets the agent's own account in where none is declared", async () => {
    const { heroku, untilQuiet } = await open();
    await untilQuiet(wantedLink({ allowedAccounts: [] }));
    expect(heroku.asked).toEqual(["create 123456789012"]);
  });

  it.each([1, 2, 3, 4])("has one endpoint and one group, also when the agent is killed after change %i", async (left) => {
    const { world, changes, heroku, untilQuiet, writes, start, signal } = await open();
    Object.assign(world.pace, { shown: 20_000 });
    changes.left = left;
    expect(await untilQuiet(wantedLink())).toBe(1);
    expect(heroku.asked).toHaveLength(1);
    expect(world.livingEndpoints).toHaveLength(1);
    expect(world.groups).toHaveLength(1);
    expect(world.groups[0]?.rules.filter(({ IsEgress }) => !IsEgress)).toHaveLength(1);
    writes();
    await start().pass(wantedLink(), signal);
    expect(writes()).toEqual([]);
  });

  it("puts drift right, and lets further accounts in, but takes none away", async () => {
    const { world, heroku, untilQuiet, writes } = await open();
    await untilQuiet(wantedLink());
    writes();
    world.groups[0]?.rules.splice(0);
    const accounts = ["123456789012", "210987654321"];
    await untilQuiet(wantedLink({ allowedAccounts: accounts, subnetIds: [SUBNET.a] }));
    expect(heroku.asked.at(-1)).toBe("add 210987654321");
    expect(writes()).toEqual(["AuthorizeSecurityGroupIngress", "ModifyVpcEndpoint"]);
    await untilQuiet(wantedLink({ subnetIds: [SUBNET.a] }));
    expect(heroku.asked).toHaveLength(2);
  });

  it("is proven by the config var's name and password once its endpoint is available, and nobody else learns them", async () => {
    const { start, untilQuiet, signal, redactor } = await open();
    await untilQuiet(wantedLink());
    const { target } = await start().pass(wantedLink(), signal);
    expect(target).toMatchObject({ owner: "endpoint", port: 6379, protocol: "redis", inside: ["172.31.0.0/16"] });
    expect(target?.hostname).toMatch(/^vpce-\w+\.vpce\.example$/);
    expect(target?.login?.user).toBe("");
    expect(target?.login?.password.reveal()).toBe(decodeURIComponent(PASSWORD));
    expect(JSON.stringify(target)).not.toContain("p4ss");
    for (const spelling of [PASSWORD, decodeURIComponent(PASSWORD), `redis://h:${PASSWORD}@x`])
      expect(redactor.redact(`found ${spelling}`)).not.toContain("word-of-the-data-service");
  });

  it("to a service of AWS's own is proven by the service's name with private DNS, else by the endpoint's", async () => {
    const { start, untilQuiet, signal } = await open();
    await untilQuiet(wantedKinesis());
    expect((await start().pass(wantedKinesis(), signal)).target).toMatchObject({
      ...{ owner: "service", privateDns: true, hostname: "kinesis.us-east-1.amazonaws.com" },
    });
    await untilQuiet(wantedKinesis({ privateDns: false }));
    const { target } = await start().pass(wantedKinesis({ privateDns: false }), signal);
    expect(target).toMatchObject({ owner: "endpoint", privateDns: false });
    expect(target?.hostname).toContain("vpce-");
  });

  it("to S3 by a gateway has nothing to prove", async () => {
    const { start, untilQuiet, signal } = await open();
    await untilQuiet(wantedS3());
    expect(await start().pass(wantedS3(), signal)).toMatchObject({ endpoint: { state: "available" }, target: undefined });
  });

  it.each([
    ["UnauthorizedOperation", "AWS_FORBIDDEN", /ec2:DescribeVpcEndpoints/],
    ["RequestLimitExceeded", "AWS_THROTTLED", /limits/],
    ["AuthFailure", "AWS_CREDENTIALS", /takes no credentials/],
  ])("fails with its own error when AWS says %s", async (awsCode, code, words) => {
    const { world, start, signal } = await open();
    world.failNext("DescribeVpcEndpoints", new AwsFault(awsCode, "no", awsCode.startsWith("Request") ? 503 : 403), 20);
    const failed = start().pass(wantedKinesis(), signal);
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  });
});
