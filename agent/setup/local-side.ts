import { cidrContains, cidrsOverlap, containsAddress, isIPv4, isPrivateBlock, mayBePublic, parseCidr } from "../lib/ip.ts";
import { splitList } from "../lib/text.ts";
import { type HerokuSide, missing, refuse } from "./heroku-side.ts";
import type { SetupDeps, SetupFlags } from "./seams.ts";
import type { Chosen } from "./settings-text.ts";

const addressCheck = (answer: string): string | undefined => (isIPv4(answer) ? undefined : "an IPv4 address, such as 172.16.0.2");

/** This host's own address; `auto` goes on finding it by itself. */
const chooseOwn = async (
  side: HerokuSide,
  flags: SetupFlags,
  { host, prompts, say }: SetupDeps,
): Promise<Pick<Chosen, "address" | "ownAddress">> => {
  const unfit = flags.address === undefined || flags.address === "auto" ? undefined : addressCheck(flags.address);
  if (unfit !== undefined) throw refuse(`--address: it must be auto, or ${unfit}. Nothing was written.`, "Correct --address.");
  const ownAddress = await host.ownAddress(side.found?.tunnels[0]?.ip || undefined);
  if (flags.address !== undefined) return { address: flags.address, ownAddress };
  if (ownAddress !== undefined) {
    say(`This gateway's own address towards the internet: ${ownAddress}.`);
    return { address: "auto", ownAddress };
  }
  if (!prompts) throw missing("--address", "this host has no route to the internet to tell its own address by");
  const message = "No route tells this gateway's own address towards the internet. Which is it?";
  return { address: await prompts.text({ message, example: "172.16.0.2", check: addressCheck }), ownAddress };
};

/** As the cloud tells it, else the own address where no NAT is in front of it. */
const findPublic = async (own: string | undefined, { host, signal, say }: SetupDeps): Promise<string | undefined> => {
  const told = await host.publicAddress(signal);
  if (told) say(`Its public address, as ${told.cloud} tells it: ${told.address}.`);
  return told?.address ?? (own !== undefined && mayBePublic(own) ? own : undefined);
};

const publicCheck = (answer: string): string | undefined =>
  mayBePublic(answer) ? undefined : "the address under which the internet sees this gateway, such as 52.91.173.226";

const choosePublic = async (
  { found }: HerokuSide,
  own: string | undefined,
  { publicAddress: given }: SetupFlags,
  deps: SetupDeps,
): Promise<string | undefined> => {
  const unfit = given === undefined ? undefined : publicCheck(given);
  if (unfit !== undefined)
    throw refuse(`--public-address: it must be ${unfit}. Nothing was written.`, "Correct --public-address.");
  const known = given ?? (await findPublic(own, deps));
  if (known !== undefined && found && found.publicIp !== known) {
    deps.say(
      `Heroku expects this gateway at ${found.publicIp}, not at ${known}: tunnels will not come up until that is put right.`,
    );
  }
  if (known !== undefined) return known;
  const message = "This gateway's public address? (Heroku must know it; on EC2 it is the Elastic IP.)";
  const initial = found?.publicIp ?? "";
  if (deps.prompts) return deps.prompts.text({ message, example: "52.91.173.226", initial, check: publicCheck });
  if (!found) throw missing("--public-address", "no cloud's metadata tell this gateway's public address");
  return undefined;
};

/** What would not work about the subnets of a connection that exists. */
const unfitFor = (subnets: readonly string[], { found, space, name }: HerokuSide): string | undefined => {
  const routable = (found?.routableCidrs ?? []).flatMap((text) => parseCidr(text) ?? []);
  for (const text of subnets) {
    const block = parseCidr(text);
    if (!block || !isPrivateBlock(block)) return `${text} is no private block such as 172.16.0.0/16`;
    if (found && !routable.some((outer) => cidrContains(outer, block)))
      return `${text} is not within the routable CIDRs of ${space}/${name}: ${found.routableCidrs.join(", ")}`;
  }
  return subnets.length === 0 ? "one network at least, such as 172.16.0.0/16" : undefined;
};

/** Those that the connection routes, else the networks that this host has routes to and the space has not. */
const suggestSubnets = async (side: HerokuSide, { host, heroku, signal }: SetupDeps): Promise<readonly string[]> => {
  if (side.found) return side.found.routableCidrs;
  const [networks, taken] = [await host.localNetworks(), await heroku.taken(side.space, signal)];
  const blocks = taken.flatMap((text) => parseCidr(text) ?? []);
  return networks.filter((text) => blocks.every((block) => !cidrsOverlap(block, parseCidr(text) ?? block)));
};

const chooseSubnets = async (side: HerokuSide, flags: SetupFlags, deps: SetupDeps): Promise<readonly string[]> => {
  if (flags.subnets) {
    const unfit = unfitFor(flags.subnets, side);
    if (unfit !== undefined) throw refuse(`--subnets: ${unfit}. Nothing was written.`, "Correct --subnets and run it again.");
    return flags.subnets;
  }
  const found = await suggestSubnets(side, deps);
  if (deps.prompts) {
    const message = side.found
      ? "Which networks behind this gateway may the space reach? (Heroku routes these.)"
      : "Which networks behind this gateway may the space reach? (This host has routes to these.)";
    const check = (answer: string) => unfitFor(splitList(answer), side);
    return splitList(await deps.prompts.text({ message, example: "172.16.0.0/16", initial: found.join(","), check }));
  }
  if (found.length === 0) throw missing("--subnets", "this host has no route to a private network that the space could reach");
  deps.say(`Networks that the space may reach: ${found.join(", ")}.`);
  return found;
};

const targetProblem = (target: string, { found }: HerokuSide): string | undefined => {
  if (!isIPv4(target)) return `${target} is no IPv4 address`;
  const space = parseCidr(found?.spaceCidr ?? "");
  return space && !containsAddress(space, target) ? `${target} is not in the space (${space.text})` : undefined;
};

const chooseProbe = async (
  side: HerokuSide,
  { probeTarget }: SetupFlags,
  { prompts, say }: SetupDeps,
): Promise<string | undefined> => {
  if (probeTarget === "none") return undefined;
  if (probeTarget !== undefined) {
    const problem = targetProblem(probeTarget, side);
    if (problem !== undefined)
      throw refuse(`--probe-target: ${problem}. Nothing was written.`, "Give an address in the space, or none.");
    return probeTarget;
  }
  if (!prompts) {
    say("No --probe-target: counters and events alone will tell a dead tunnel.");
    return undefined;
  }
  const answer = await prompts.text({
    message: "An address in the space that answers pings, to prove that tunnels pass? (Empty: none.)",
    example: "10.0.0.10",
    check: (text) => (text === "" ? undefined : targetProblem(text, side)),
  });
  return answer === "" ? undefined : answer;
};

/** Everything about this side: as given, else as found, else asked. */
export const chooseLocalSide = async (side: HerokuSide, flags: SetupFlags, deps: SetupDeps): Promise<Chosen> => {
  const own = await chooseOwn(side, flags, deps);
  const publicAddress = await choosePublic(side, own.ownAddress, flags, deps);
  const subnets = await chooseSubnets(side, flags, deps);
  const probeTarget = await chooseProbe(side, flags, deps);
  const { space, name } = side;
  return { space, name, ...own, publicAddress, subnets, routing: flags.routing ?? "auto", probeTarget };
};
