import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "../box.ts";
import { check, waitUntil } from "../check.ts";
import type { Processes, Running } from "../processes.ts";
import { VPC } from "./sample.ts";

/*
 * gw vpc0 172.16.16.2 -- vpce: the endpoints' network interfaces, 172.16.16.10-15 and 172.16.32.10-15, and the VPC's resolver
 */

const LINK = `
netns add vpce
link add vpc0 type veth peer name eth0 netns vpce
link set vpc0 up
address add 172.16.16.2/20 dev vpc0
route add ${VPC.subnets[1].cidr} dev vpc0
route add ${VPC.resolver}/32 dev vpc0
`;

const PLACES = [10, 11, 12, 13, 14, 15];

const INTERFACES = `
link set lo up
link set eth0 up
address add ${VPC.resolver}/32 dev eth0
${PLACES.flatMap((place) => [16, 32].map((net) => `address add 172.16.${net}.${place}/20 dev eth0`)).join("\n")}
route add default via 172.16.16.2
`;

/** Where the services are, as their clients in the VPC see them. */
export const inVpce = (argv: readonly string[]): string[] => ["nsenter", "--net=/run/netns/vpce", ...argv];

/** Joins the VPC's subnets to the gateway. */
export const buildVpc = async (processes: Processes): Promise<void> => {
  await processes.run(["ip", "-batch", "-"], { input: LINK });
  await processes.run(inVpce(["ip", "-batch", "-"]), { input: INTERFACES });
};

const dnsmasq = (hosts: string): string[] => [
  ...["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", `--addn-hosts=${hosts}`],
  // What it does not know in AWS's domain is not there.
  ...["--local=/amazonaws.com/", "--bind-interfaces", `--listen-address=${VPC.resolver}`],
  ...["--log-facility=-", "--pid-file=", "--user=", "--group="],
];

/** Addresses by name. */
export type Names = Readonly<Record<string, readonly string[]>>;

/** The VPC's resolver: a dnsmasq whose names change. */
export class NameServer {
  readonly #file: string;
  readonly #running: Running;
  #text = "";

  private constructor(file: string, running: Running) {
    this.#file = file;
    this.#running = running;
  }

  /** The gateway asks it from then on. `directory`: its own. */
  static async start(directory: string, gateway: Box, processes: Processes): Promise<NameServer> {
    const file = join(directory, "names");
    writeFileSync(file, "");
    const running = processes.start("dnsmasq", inVpce(dnsmasq(file)));
    await waitUntil("the VPC's resolver to run", 10, () => {
      check(running.exitCode() === undefined, `dnsmasq has ended: ${running.output()}`);
      return running.output().includes("started, version") ? { done: true, value: undefined } : { done: false, seen: "nothing" };
    });
    await gateway.write("/etc/resolv.conf", `nameserver ${VPC.resolver}\n`);
    return new NameServer(file, running);
  }

  /** From now on it knows these names and no other. */
  set(names: Names): void {
    const text = Object.entries(names)
      .flatMap(([name, addresses]) => addresses.map((address) => `${address} ${name}\n`))
      .join("");
    if (text === this.#text) return;
    this.#text = text;
    writeFileSync(this.#file, text);
    this.#running.signal("SIGHUP");
  }
}
