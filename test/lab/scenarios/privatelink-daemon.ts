import { systemClock } from "../../../agent/lib/clock.ts";
import { checkEqual, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import { checkNoLoss } from "../ping.ts";
import { killAfter, killAfterHeroku, untilAskedAgain, within } from "../privatelink/deaths.ts";
import { checkMade, checkPolicy, declared, LINK } from "../privatelink/declared.ts";
import { startRedis } from "../privatelink/far-ends.ts";
import { checkNotKept } from "../privatelink/nowhere.ts";
import { Room } from "../privatelink/room.ts";
import { checkToldWell, untilLink } from "../privatelink/told.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

/** Each change that the agent makes on the way from nothing. */
const CHANGES = ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint"];

const HEROKU_CHANGE = "Heroku's PrivateLink";

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
    await untilAskedAgain(room, what);
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

export const privatelinkDaemon: Scenario = {
  name: "privatelink-daemon",
  title: "A declared link comes about from nothing, with a kill -9 after every change, beside tunnels that lose nothing",
  engines: ["native", "libipsec"],
  timeoutSeconds: 180,
  run: async (lab) => {
    const room = await Room.open(lab);
    await startRedis(room.directory, lab.processes);
    await startSteady(lab);
    const watch = lab.watchPings();
    const seconds = await bringAbout(lab, room);
    lab.findings.notes.push(`from the settings to a proven link, with four deaths: ${seconds.toFixed(1)} s`);
    await checkToldWell(lab, LINK);
    await checkOnlyReads(lab, room);
    await checkNotKept(lab, room);
    checkMade(room, 1, 1);
    checkPolicy(room);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while the link came about");
  },
};
