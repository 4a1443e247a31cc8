import { readFileSync } from "node:fs";
import { check, checkEqual } from "../check.ts";
import { untilWhole } from "../health.ts";
import { untilPasses } from "../metrics.ts";
import { quick } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const OWNERS_CONF = `config setup
  uniqueids=no

conn owners-own
  left=203.0.113.10
  right=198.51.100.7
  authby=secret
  auto=add
`;

const OWNERS_SECRETS = '203.0.113.10 198.51.100.7 : PSK "the-owners-own-secret"\n';

const TEMPLATE_LINE = "# the owner's template";

export const include: Scenario = {
  name: "include",
  title: "In include mode the owner's conns and secrets stay as they are, and a template of the owner's is used",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await lab.gateway.write("/etc/ipsec.conf", OWNERS_CONF);
    await lab.gateway.write("/etc/ipsec.secrets", OWNERS_SECRETS, 0o600);
    await lab.heroku.start();
    const agent = await lab.startAgent((settings) => ({ ...quick(settings), install: { mode: "include" } }));
    lab.findings.tunnels = (await untilWhole(lab)).tunnels;
    const conf = await lab.gateway.read("/etc/ipsec.conf");
    check(conf.startsWith(OWNERS_CONF), "the owner's ipsec.conf should still be there");
    checkEqual(conf.match(/^include .*spacegate\.conf$/gm)?.length, 1, "include lines in ipsec.conf");
    check((await lab.gateway.read("/etc/ipsec.secrets")).startsWith(OWNERS_SECRETS), "the owner's secrets should still be there");
    const { stdout } = await lab.inGateway(["swanctl", "--list-conns"]);
    check(/^owners-own:/m.test(stdout), "charon should hold the owner's conn");
    lab.progress("a template of the owner's");
    const builtIn = await lab.gateway.read("/etc/ipsec.d/spacegate.conf");
    const template = readFileSync(new URL("../../../templates/ipsec.conf.hbs", import.meta.url), "utf8");
    await lab.gateway.write("/etc/spacegate/templates/ipsec.conf.hbs", `${template}${TEMPLATE_LINE}\n`);
    await untilPasses(lab, 2);
    checkEqual(await lab.gateway.read("/etc/ipsec.d/spacegate.conf"), `${builtIn}${TEMPLATE_LINE}\n`, "the rendered file");
    await lab.gateway.write("/etc/spacegate/templates/ipsec.conf.hbs", "{{#each tunnels}}");
    await untilPasses(lab, 2);
    check(agent.output().includes("TEMPLATE_INVALID"), "a broken template should be told");
    checkEqual(
      await lab.gateway.read("/etc/ipsec.d/spacegate.conf"),
      `${builtIn}${TEMPLATE_LINE}\n`,
      "the file with a broken template",
    );
    lab.findings.ping = await lab.ping(20);
    checkEqual(lab.findings.ping.received, 20, "answered pings");
  },
};
