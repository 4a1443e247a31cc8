/* `npm test` installs what every part needs before the first one: the unit tests ask real programs too. */
import { messageOf } from "../../agent/lib/errors.ts";
import { libipsec } from "./engines/namespaces.ts";
import { uml } from "./engines/uml.ts";
import { FAR_ENDS, installPackages } from "./packages.ts";

/** A browser for the status page, promtool and a Prometheus for rules and dashboard, shells, groff, a client of Kafka's, and systemd to rate the unit. */
const TOOLS = ["chromium", "fish", "groff-base", "kcat", "packer", "prometheus", "shellcheck", "systemd", "zsh"];

try {
  await installPackages([...libipsec.packages, ...uml.packages, ...TOOLS, ...FAR_ENDS], (text) =>
    process.stderr.write(`${text}\n`),
  );
} catch (thrown) {
  process.stderr.write(`${messageOf(thrown)}\n`);
  process.exitCode = 1;
}
