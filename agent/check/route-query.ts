import * as z from "zod";
import type { Commands } from "./host-reader.ts";

const routeAnswer = z.tuple([z.object({ dev: z.string() })]).rest(z.unknown());
const linkAnswer = z.tuple([z.object({ mtu: z.number() })]).rest(z.unknown());

const IP_MS = 3000;

const ipJson = async (commands: Commands, ...args: readonly string[]): Promise<unknown> =>
  JSON.parse((await commands.run("ip", ["-json", ...args], IP_MS)).output);

/** The interface by which packets of this host leave for an address. */
export const deviceTo = async (commands: Commands, target: string, source: string): Promise<string> =>
  routeAnswer.parse(await ipJson(commands, "route", "get", target, "from", source))[0].dev;

/** Bytes. */
export const mtuOf = async (commands: Commands, dev: string): Promise<number> =>
  linkAnswer.parse(await ipJson(commands, "link", "show", "dev", dev))[0].mtu;
