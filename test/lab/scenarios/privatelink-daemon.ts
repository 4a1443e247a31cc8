import { systemClock } from "../../../agent/lib/clock.ts";
import type { RawSettings } from "../agent.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import { checkNoLoss } from "../ping.ts";
import { letIn } from "../privatelink/bring-about.ts";
import { startRedis } from "../privatelink/far-ends.ts";
import { checkNotKept } from "../privatelink/nowhere.ts";
import { Room } from "../privatelink/room.ts";
import { KVS, VPC } from "../privatelink/sample.ts";
import { checkToldWell, untilLink } from "../privatelink/told.ts";
import { quick, startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const NAME = "redis";

/** A link beside the VPN connection. */
const declared = (settings: RawSettings): RawSettings => ({
  ...quick(settings),
  privatelinks: [
    {
      ...{ name: NAME, app: KVS.app, addon: KVS.name, region: VPC.region, vpc: VPC.id },
      ...{ subnets: VPC.subnets.map(({ id }) => id), allowed_cidrs: [VPC.cidr], check_interval: "5s" },
    },
  ],
});

/** Each change that the agent makes on the way from nothing. */
const CHANGES = ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint"];

const HEROKU_CHANGE = "Heroku's PrivateLink";

/** kill -9 when a change has been made and its answer is not out yet. */
const killAfter = (lab: Lab, room: Room, change: string): Promise<void> =>
  new Promise((resolve) => {
    room.cloud.afterCall = (action) => {
      if (action !== change) return;
      room.cloud.afterCall = () => undefined;
      resolve(lab.agent.kill());
    };
  });

const killAfterHeroku = async (lab: Lab): Promise<void> => {
  const look = () =>
    lab.heroku.state().links?.[KVS.name] ? ({ done: true, value: undefined } as const) : ({ done: false, seen: "none" } as const);
  await waitUntil("the agent to ask Heroku for the link", 20, look, 5);
  await lab.agent.kill();
};

const within = (seconds: number, what: string, work: Promise<void>): Promise<void> =>
  Promise.race([
    work,
    systemClock.sleep(seconds * 1000).then(() => check(false, `waited ${seconds} s for the agent to make ${what}`)),
  ]);

/** Whatever happens on the way, nothing is made twice. */
const checkMade = ({ cloud }: Room, endpoints: number, groups: number): void => {
  const { world } = cloud.aws;
  checkEqual([world.endpoints.length, world.groups.length], [endpoints, groups], "endpoints and security groups ever made");
};

/** From nothing, with a death after every change. */
const bringAbout = async (lab: Lab, room: Room): Promise<number> => {
  const startedAt = systemClock.monotonic();
  const deaths: [string, Promise<void>][] = [[HEROKU_CHANGE, killAfterHeroku(lab)]];
  await lab.writeSettings(declared);
  for (const change of [...CHANGES, undefined]) {
    const [what, death] = deaths.at(-1) ?? ["", Promise.resolve()];
    await within(25, what, death);
    lab.progress(`kill -9 right after ${what}`);
    checkMade(room, what === "CreateVpcEndpoint" ? 1 : 0, what === HEROKU_CHANGE ? 0 : 1);
    if (change !== undefined) deaths.push([change, killAfter(lab, room, change)]);
    lab.restartAgent();
  }
  await untilLink(lab, "ok", 30, ({ status }) => status === "ok");
  return (systemClock.monotonic() - startedAt) / 1000;
};

/** Every look asks for the VPC once. */
const LOOK = "ec2:DescribeVpcs";

const checkOnlyReads = async (lab: Lab, { cloud }: Room): Promise<void> => {
  const before = cloud.calls.length;
  const begun = () => [...cloud.calls.slice(before).entries()].filter(([, call]) => call === LOOK).map(([index]) => index);
  const [first = 0, second = 0] = await waitUntil("two further looks at AWS", 20, () => {
    lab.checkAgentRuns();
    const looks = begun();
    return looks.length >= 2 ? { done: true, value: looks } : { done: false, seen: String(looks.length) };
  });
  checkEqual(cloud.changes(before), [], "changes when all is as declared");
  lab.findings.notes.push(`a look at AWS when all is well: ${second - first} calls, all of them reads`);
};

/** Somebody opens the security group to everybody for SSH, and shuts those out who are declared. */
const repairDrift = async (lab: Lab, room: Room): Promise<void> => {
  lab.progress("somebody changes the security group");
  const [group] = room.cloud.aws.world.groups;
  check(group !== undefined, "there should be a security group");
  for (const rule of group.rules.filter(({ IsEgress }) => !IsEgress))
    Object.assign(rule, { FromPort: 22, ToPort: 22, CidrIpv4: "0.0.0.0/0" });
  await waitUntil("the security group to be as declared", 20, () => {
    const seen = letIn(room).join();
    return seen === `6379-6379 from ${VPC.cidr}` ? { done: true, value: undefined } : { done: false, seen };
  });
};

/** What Heroku makes of the only endpoint. */
const decide = (lab: Lab, rejected: boolean): void =>
  lab.heroku.update((state) => {
    const link = state.links?.[KVS.name];
    check(link !== undefined, "Heroku should have the link");
    const endpoints = link.endpoints.map((endpoint) => ({ ...endpoint, rejected }));
    return { ...state, links: { ...state.links, [KVS.name]: { ...link, endpoints } } };
  });

const reject = async (lab: Lab): Promise<void> => {
  lab.progress("Heroku rejects the endpoint that carried, and takes it back");
  decide(lab, true);
  const isDown = ({ status, endpoint_state }: { status: string; endpoint_state: string }) =>
    status === "down" && endpoint_state === "rejected";
  const { link, told } = await untilLink(lab, "down, for Heroku rejects it", 30, isDown);
  const [warning] = told.warnings.filter((one) => one.link === NAME);
  check(/reject/i.test(link.reason), `the reason should be the rejection, it is ${link.reason}`);
  check(warning !== undefined && warning.fix !== "", `a warning should say what to do: ${JSON.stringify(told.warnings)}`);
  checkEqual(told.code, 200, "the status of /healthz, whose tunnels carry");
  decide(lab, false);
  await untilLink(lab, "ok again", 30, ({ status }) => status === "ok");
};

/** Every call so far is one that the printed policy names. */
const checkPolicy = ({ cloud }: Room): void => {
  const named = new Set(cloud.aws.world.policy?.Statement.flatMap(({ Action }) => Action) ?? []);
  checkEqual(
    [...new Set(cloud.calls)].filter((call) => !named.has(call)),
    [],
    "calls that the policy does not name",
  );
  cloud.checkModel();
};

export const privatelinkDaemon: Scenario = {
  name: "privatelink-daemon",
  title:
    "A declared link comes about from nothing through kill -9 after every change, and is kept, beside tunnels that lose nothing",
  engines: ["native", "libipsec"],
  timeoutSeconds: 180,
  run: async (lab) => {
    const room = await Room.open(lab);
    await startRedis(room.directory, lab.processes);
    await startSteady(lab);
    const watch = lab.watchPings();
    const seconds = await bringAbout(lab, room);
    lab.findings.notes.push(`from the settings to a proven link, with four deaths: ${seconds.toFixed(1)} s`);
    await checkToldWell(lab, NAME);
    await checkOnlyReads(lab, room);
    await checkNotKept(lab, room);
    await repairDrift(lab, room);
    await reject(lab);
    checkMade(room, 1, 1);
    await checkToldWell(lab, NAME);
    checkPolicy(room);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while the link came about and was kept");
  },
};
