import { check, checkEqual, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import { checkNoLoss } from "../ping.ts";
import { bringAbout, letIn } from "../privatelink/bring-about.ts";
import { killAfter, within } from "../privatelink/deaths.ts";
import { checkMade, checkPolicy, declared, LINK } from "../privatelink/declared.ts";
import { startRedis } from "../privatelink/far-ends.ts";
import { Room } from "../privatelink/room.ts";
import { KVS, VPC } from "../privatelink/sample.ts";
import { checkToldWell, untilLink } from "../privatelink/told.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

/** What somebody has made by commands is declared afterwards: the daemon changes nothing about it. */
const takeOver = async (lab: Lab, room: Room): Promise<void> => {
  lab.progress("made by commands, then declared");
  await bringAbout(room, KVS);
  const before = room.cloud.calls.length;
  await lab.writeSettings(declared);
  await untilLink(lab, "ok", 30, ({ status }) => status === "ok");
  checkEqual(room.cloud.changes(before), [], "changes of a link that is as declared");
};

/** Somebody opens the security group to everybody for SSH, and shuts those out who are declared; the repair is cut short once. */
const repairDrift = async (lab: Lab, room: Room): Promise<void> => {
  lab.progress("somebody changes the security group, and a kill -9 in the middle of its repair");
  const [group] = room.cloud.aws.world.groups;
  check(group !== undefined, "there should be a security group");
  const death = killAfter(lab, room, "AuthorizeSecurityGroupIngress");
  for (const rule of group.rules.filter(({ IsEgress }) => !IsEgress))
    Object.assign(rule, { FromPort: 22, ToPort: 22, CidrIpv4: "0.0.0.0/0" });
  const declaredRule = `6379-6379 from ${VPC.cidr}`;
  await within(20, "a rule of the security group", death);
  checkEqual(letIn(room), ["22-22 from 0.0.0.0/0", declaredRule], "what the security group lets in at that time");
  lab.restartAgent();
  await waitUntil("the security group to be as declared", 20, () => {
    const seen = letIn(room).join();
    return seen === declaredRule ? { done: true, value: undefined } : { done: false, seen };
  });
  await untilLink(lab, "ok", 20, ({ status }) => status === "ok");
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
  const [warning] = told.warnings.filter((one) => one.link === LINK);
  check(/reject/i.test(link.reason), `the reason should be the rejection, it is ${link.reason}`);
  check(warning !== undefined && warning.fix !== "", `a warning should say what to do: ${JSON.stringify(told.warnings)}`);
  checkEqual(told.code, 200, "the status of /healthz, whose tunnels carry");
  decide(lab, false);
  await untilLink(lab, "ok again", 30, ({ status }) => status === "ok");
};

export const privatelinkKept: Scenario = {
  name: "privatelink-kept",
  title: "A link that commands made is taken over by the daemon, repaired when it drifts, and told of when Heroku rejects it",
  engines: ["native", "libipsec"],
  run: async (lab) => {
    const room = await Room.open(lab);
    await startRedis(room.directory, lab.processes);
    await startSteady(lab);
    const watch = lab.watchPings();
    await takeOver(lab, room);
    await repairDrift(lab, room);
    await reject(lab);
    checkMade(room, 1, 1);
    await checkToldWell(lab, LINK);
    checkPolicy(room);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while the link was kept");
  },
};
