import { readFileSync } from "node:fs";
import { check, checkEqual, waitUntil } from "../check.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { quick } from "../steady.ts";
import { startStrongswan } from "../strongswan.ts";
import type { Scenario } from "./scenario.ts";

const OWNERS_CONF = "config setup\n\nconn owners-own\n  left=203.0.113.10\n  right=198.51.100.7\n  authby=secret\n  auto=add\n";
const OWNERS_SECRETS = '203.0.113.10 198.51.100.7 : PSK "the-owners-own-secret"\n';

/** README's own commands. What an init system does, and what lies outside the gateway's own directories, is left out. */
const removalCommands = (): string => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const block = /<!-- removal:begin -->\n```sh\n([\s\S]*?)```\n<!-- removal:end -->/.exec(readme)?.[1];
  check(block !== undefined, "README.md should tell how to remove everything");
  return block
    .split("\n")
    .filter((line) => !line.startsWith("systemctl ") && !line.includes("/usr/"))
    .join("\n");
};

/** The firewall's tables, routes, rules and links, without what the kernel numbers anew each time. */
const networkOf = async (lab: Lab): Promise<string> => {
  const show = async (...argv: string[]): Promise<string> => (await lab.inGateway(["ip", ...argv])).stdout;
  const links = (await show("-o", "link")).replaceAll(/^\d+: ([^:@]+).*$/gm, "$1");
  // Where there are no tables, there is none to be left.
  const tables = (await lab.inGateway(["nft", "list", "tables"], true)).stdout;
  return `${tables}${await show("-4", "route", "show", "table", "all")}${await show("-4", "rule")}${links}`;
};

export const removal: Scenario = {
  name: "removal",
  title: "README's commands for removal leave the host as it was found",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await lab.gateway.write("/etc/ipsec.conf", OWNERS_CONF);
    await lab.gateway.write("/etc/ipsec.secrets", OWNERS_SECRETS, 0o600);
    const before = await networkOf(lab);
    await lab.heroku.start();
    const agent = await lab.startAgent(quick);
    lab.findings.tunnels = (await untilWhole(lab)).tunnels;
    check((await networkOf(lab)) !== before || lab.routing === "policy", "the agent should have made links and routes");
    await agent.stop();
    await lab.inGateway(["ipsec", "stop"], true);
    lab.progress("README's commands");
    await lab.inGateway(["sh", "-euc", removalCommands()]);
    checkEqual(await networkOf(lab), before, "tables, routes, rules and links");
    checkEqual(await lab.gateway.read("/etc/ipsec.conf"), OWNERS_CONF, "ipsec.conf");
    checkEqual(await lab.gateway.read("/etc/ipsec.secrets"), OWNERS_SECRETS, "ipsec.secrets");
    const { stdout } = await lab.inGateway(["find", "/etc", "/run", "/var/lib", "-name", "*spacegate*"]);
    checkEqual(stdout.trim(), "", "what is left with the agent's name");
    await startStrongswan(lab.gateway, lab.processes, 1);
    const conns = await waitUntil("charon to hold the owner's conn", 10, async () => {
      const { stdout: held } = await lab.inGateway(["swanctl", "--list-conns"], true);
      return /^owners-own:/m.test(held) ? { done: true, value: held } : { done: false, seen: held };
    });
    check(!conns.includes("spacegate."), "charon should hold none of the agent's conns");
  },
};
