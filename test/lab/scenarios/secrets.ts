import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { agentCommand, agentEnvironment } from "../agent.ts";
import { check, checkEqual } from "../check.ts";
import type { Lab } from "../lab.ts";
import { childrenOf } from "../process-tree.ts";
import { ipsecCalls, ipsecEnvironments, recordIpsec } from "../recorder.ts";
import { secretsIn } from "../secrets.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

/** Of every process of the cell: the daemons that were started have left the agent's process tree. */
const environments = (): { pid: number; name: string; argv: string; text: string }[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "latin1");
        return [{ pid: Number(pid), name: read("comm").trim(), argv: read("cmdline"), text: read("environ") }];
      } catch {
        return [];
      }
    });

const checkEnvironments = (lab: Lab): void => {
  const all = environments();
  const own = all.find(({ pid }) => pid === lab.agent.pid);
  check(own !== undefined && secretsIn(own.text).length > 0, "the agent itself should have the token in its environment");
  const names = new Set(all.map(({ name }) => name));
  const children = childrenOf(lab.agent.pid);
  check(names.has("charon") && children.length > 0, `charon and the agent's children should run, found ${[...names].join(", ")}`);
  // A child that has not become its program yet is still a picture of the agent.
  const leaks = all.filter(({ argv, text }) => argv !== own.argv && secretsIn(text).length > 0);
  checkEqual(
    leaks.map(({ name }) => name),
    [],
    "processes that have a secret in their environment",
  );
  lab.findings.notes.push(`environments searched: ${all.length - 1}, among them ${children.length} children of the agent`);
};

const checkRecord = async (lab: Lab): Promise<void> => {
  const calls = await ipsecCalls(lab.gateway);
  const environment = await ipsecEnvironments(lab.gateway);
  check(calls.length > 0 && environment.includes("LC_ALL=C"), "`ipsec` should have been called, in an environment with LC_ALL=C");
  checkEqual(secretsIn(environment), [], "secrets in the environment of `ipsec`");
};

const MODES: readonly string[] = ["/etc/ipsec.secrets", "/var/lib/spacegate", "/run/spacegate"];

const filesBelow = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: "utf8" })
        .map((name) => join(path, name))
        .filter((name) => statSync(name).isFile())
    : [path];

const checkModes = (lab: Lab): void => {
  for (const inside of MODES) {
    const files = filesBelow(lab.gateway.path(inside));
    check(files.length > 0, `${inside} should have a file`);
    for (const file of files) {
      const { mode, uid } = statSync(file);
      checkEqual({ mode: (mode & 0o7777).toString(8), uid }, { mode: "600", uid: 0 }, `mode and owner of ${file}`);
    }
  }
};

/** Where a secret belongs, and nowhere else on the gateway. */
const MAY_HAVE_SECRETS = ["/etc/ipsec.secrets", "/var/lib/spacegate/last-good.json"];

const checkFiles = (lab: Lab): void => {
  const found = ["/etc", "/var/lib", "/run"].flatMap((inside) =>
    filesBelow(lab.gateway.path(inside))
      .filter((file) => secretsIn(readFileSync(file, "latin1")).length > 0)
      .map((file) => file.replace(lab.gateway.path(inside), inside)),
  );
  checkEqual(found.sort(), [...MAY_HAVE_SECRETS].sort(), "files with a secret");
};

interface PlanJson {
  readonly files: readonly { readonly path: string; readonly change: string; readonly content: string }[];
  readonly steps: readonly unknown[];
}

const plan = async (lab: Lab, ...options: readonly string[]): Promise<string> => {
  const argv = lab.gateway.inside(agentCommand("plan", "--exit-code", ...options));
  const { stdout } = await lab.processes.run(argv, { env: agentEnvironment(lab.heroku, lab.options) });
  return stdout;
};

const checkPlan = async (lab: Lab): Promise<void> => {
  lab.progress("spacegate plan beside the daemon");
  const text = await plan(lab);
  check(text.includes("Nothing to do."), `plan should find nothing to do, found: ${text}`);
  const json = JSON.parse(await plan(lab, "--json")) as PlanJson;
  checkEqual(json.steps, [], "the steps of plan");
  const secrets = json.files.find(({ path }) => path === "/etc/ipsec.secrets");
  check(secrets?.content.includes(": PSK ") === true, "plan should show ipsec.secrets");
  checkEqual([...new Set(json.files.map(({ change }) => change))], ["none"], "the files of plan");
  checkEqual(secretsIn(`${text}${JSON.stringify(json)}`), [], "secrets in what plan prints");
};

export const secrets: Scenario = {
  name: "secrets",
  title: "No PSK or token in any environment, file, page or plan where it does not belong",
  engines: ["native", "libipsec"],
  run: async (lab) => {
    await recordIpsec(lab.gateway);
    await startSteady(lab);
    checkEnvironments(lab);
    await checkRecord(lab);
    checkModes(lab);
    checkFiles(lab);
    await checkPlan(lab);
    for (const path of ["/livez", "/readyz", "/healthz", "/metrics", "/api/status", "/api/events", "/"]) await lab.http(path);
  },
};
