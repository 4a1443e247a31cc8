/* `npm test` installs what every part needs before the first one: the unit tests ask real programs too. */
import { messageOf } from "../../agent/lib/errors.ts";
import { libipsec } from "./engines/namespaces.ts";
import { uml } from "./engines/uml.ts";
import { installPackages } from "./packages.ts";

/** A browser for the status page, promtool and a Prometheus for rules and dashboard, shells, groff, systemd to rate the unit, and AWS's descriptions. */
const TOOLS = ["chromium", "fish", "groff-base", "packer", "prometheus", "python3-botocore", "shellcheck", "systemd", "zsh"];

/** What a PrivateLink's far end may be, and who else speaks with it. */
const FAR_ENDS = ["dnsmasq-base", "kcat", "openssl", "postgresql", "redis-server"];

try {
  await installPackages([...libipsec.packages, ...uml.packages, ...TOOLS, ...FAR_ENDS], (text) =>
    process.stderr.write(`${text}\n`),
  );
} catch (thrown) {
  process.stderr.write(`${messageOf(thrown)}\n`);
  process.exitCode = 1;
}
