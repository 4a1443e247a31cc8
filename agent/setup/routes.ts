import * as z from "zod";
import { type Cidr, cidrContains, isIPv4, isPrivateBlock, parseCidr } from "../lib/ip.ts";
import { ROUTE_PROTOCOL } from "../model/network.ts";

/** iproute2's JSON answers; the commands come without their leading `ip`. */
export interface IpQueries {
  run(lines: readonly string[]): Promise<unknown[]>;
}

const sourceSchema = z.array(z.object({ prefsrc: z.string().optional() }));

/** Somewhere in the internet; nothing is sent there. */
const ANYWHERE = "1.1.1.1";

/** This host's own address on the way to `target`, by default to the internet; undefined without a route. */
export const ownAddress = async (ip: IpQueries, target = ANYWHERE): Promise<string | undefined> => {
  // Heroku's word becomes part of a command.
  const answers = await ip.run([`route get ${isIPv4(target) ? target : ANYWHERE}`]).catch(() => []);
  return sourceSchema.safeParse(answers[0]).data?.[0]?.prefsrc;
};

const routesSchema = z.array(
  z.object({
    type: z.string().optional(),
    dst: z.string(),
    dev: z.string().optional(),
    protocol: z.string().optional(),
  }),
);

/** Networks inside the host itself, and tunnels: nothing that a space should reach. */
const INNER_LINKS = /^(lo|docker|br-|veth|virbr|lxc|lxd|cni|flannel|cali|podman|vti|tun|tap|wg|sg)/;

/** Those that no other one of them contains, in their order. */
const widest = (blocks: readonly Cidr[]): Cidr[] =>
  blocks.filter(
    (block, place) =>
      !blocks.some((other, at) => at !== place && cidrContains(other, block) && (other.text !== block.text || at < place)),
  );

/** The private networks that this host has routes to, without the agent's own routes; [] when nothing is known. */
export const localNetworks = async (ip: IpQueries): Promise<string[]> => {
  const answers = await ip.run(["route show table main"]).catch(() => []);
  const routes = routesSchema.safeParse(answers[0]).data ?? [];
  const blocks = routes
    .filter(({ type = "unicast", dev = "", protocol }) => type === "unicast" && !INNER_LINKS.test(dev) && protocol !== OWN)
    .flatMap(({ dst }) => parseCidr(dst) ?? [])
    .filter((block) => isPrivateBlock(block) && block.bits < 32);
  return widest(blocks).map(({ text }) => text);
};

const OWN = String(ROUTE_PROTOCOL);
