import { check, checkEqual } from "../check.ts";
import type { StandInAddon } from "../stand-in/heroku-data-state.ts";
import type { ConnectionUrl, Room } from "./room.ts";
import { VPC } from "./sample.ts";

/** Where `connect` puts an endpoint, and who may use it. */
export const PLACE: readonly string[] = [
  "--vpc",
  VPC.id,
  "--allow",
  VPC.cidr,
  ...VPC.subnets.flatMap(({ id }) => ["--subnet", id]),
];

/** As the documentation has it: create, wait, and with the service's name the endpoint. Throws unless it is available then. */
export const bringAbout = async (room: Room, { name, app }: StandInAddon, account: string = VPC.account): Promise<void> => {
  const { stdout } = await room.chain(
    ["create", name, "--aws-account-id", account, "--app", app],
    ["wait", name, "--app", app],
    ["connect", "--app", app, "--addon", name, ...PLACE],
  );
  for (const words of [`${app}/${name}: Operational`, "is available"])
    check(stdout.includes(words), `the commands should say ${words}, they say ${stdout}`);
};

/** The endpoint, then what is left in AWS, then Heroku's side. Throws unless AWS has nothing of it then. */
export const takeAway = async (room: Room, { name, app }: StandInAddon): Promise<void> => {
  await room.chain(["disconnect", name, "--confirm", name], ["destroy", name, "--app", app, "--confirm", name]);
  const { livingEndpoints, groups } = room.cloud.aws.world;
  checkEqual([livingEndpoints.length, groups.length], [0, 0], "endpoints and security groups in the end");
};

/** The connection string as `info --show-url` prints it; its config var has the 17 characters of the endpoint's id in its name. */
export const readUrl = async (room: Room, addon: StandInAddon): Promise<ConnectionUrl> => {
  const shown = await room.connectionUrl(addon.name);
  const id = room.cloud.aws.world.livingEndpoints.at(-1)?.id ?? "";
  const name = `${addon.attachments[0]}_ENDPOINT_${id.slice(-17).toUpperCase()}_URL`;
  checkEqual(shown.name, name, `the config var of ${addon.name}`);
  check(shown.url.hostname.startsWith(`${id}-`), `${shown.url.hostname} should be a name of ${id}`);
  return shown;
};

/** What the only security group lets in: "6379-6379 from 172.16.0.0/16". */
export const letIn = (room: Room): string[] =>
  room.cloud.aws.world.groups.flatMap(({ rules }) =>
    rules.filter(({ IsEgress }) => !IsEgress).map(({ FromPort, ToPort, CidrIpv4 }) => `${FromPort}-${ToPort} from ${CidrIpv4}`),
  );
