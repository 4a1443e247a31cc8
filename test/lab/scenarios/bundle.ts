import { readdirSync, readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { agentCommand, agentEnvironment } from "../agent.ts";
import { check, checkEqual } from "../check.ts";
import type { Lab } from "../lab.ts";
import type { Output } from "../processes.ts";
import { RECORDER_BIN } from "../recorder.ts";
import { SAMPLE, TUNNELS } from "../sample.ts";
import { secretsIn } from "../secrets.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const OUT = "/run/home";

const bundle = (lab: Lab, ...options: readonly string[]): Promise<Output> =>
  lab.processes.run(lab.gateway.inside(agentCommand("bundle", "--out", OUT, ...options)), {
    env: agentEnvironment(lab.heroku, lab.options),
    mayFail: true,
    timeoutSeconds: 110,
  });

const PSK = TUNNELS[0].psk;

/** What charon writes at its highest levels, and what a careless program might: the lab has no journal of its own. */
const JOURNAL = `#!/bin/sh
cat <<'END'
charon[7]: 12[CFG]   secret: => 11 bytes @ 0x7f3c
charon[7]: 12[CFG]    0: ${[...Buffer.from(PSK)].map((byte) => byte.toString(16).toUpperCase()).join(" ")}   ${PSK}
charon[7]: 12[IKE] an ordinary line of the journal
spacegate[8]: {"psk":"${PSK}","secrets":"0s${Buffer.from(PSK).toString("base64")}"}
spacegate[8]: Authorization: Bearer ${SAMPLE.token}
END
`;

const bundles = (lab: Lab): string[] =>
  readdirSync(lab.gateway.path(OUT))
    .filter((name) => name.endsWith(".tar.gz"))
    .map((name) => lab.gateway.path(`${OUT}/${name}`));

/** Everything in the newest bundle; names and contents as tar has them. */
const textOf = (lab: Lab): string => gunzipSync(readFileSync(bundles(lab).sort().at(-1) ?? "")).toString("utf8");

/** The keys of the SAs that the gateway's kernel has now. */
const kernelKeys = async (lab: Lab): Promise<string[]> => {
  const { stdout } = await lab.inGateway(["ip", "xfrm", "state"]);
  return [...stdout.matchAll(/^\s+(?:auth|auth-trunc|enc|aead) .*?0x([0-9a-f]{16,})/gm)].map(([, key = ""]) => key);
};

const inEverySpelling = (hex: string): string[] => [
  hex,
  hex.toUpperCase(),
  Buffer.from(hex, "hex").toString("base64").replace(/=+$/, ""),
];

const checkContents = async (lab: Lab, text: string): Promise<void> => {
  const seen = [
    /"state": "INSTALLED"/,
    /: PSK <psk [0-9a-f]{12}>/,
    /an ordinary line of the journal/,
    /\[a dump of bytes was left out\]/,
    /"psk":"\[redacted\]"/,
    /"dst": "default"|"dst":/,
    /spacegate \d+\.\d+\.\d+\nNode v/,
    /"status": "ok"/,
  ];
  for (const words of seen) check(words.test(text), `the bundle should have ${words}`);
  const keys = await kernelKeys(lab);
  if (lab.options.engine !== "libipsec") {
    check(keys.length > 0, "the kernel should have SAs with keys");
    check(/proto esp spi 0x/.test(text), "the bundle should have the kernel's states");
  }
  checkEqual(keys.filter((key) => inEverySpelling(key).some((form) => text.includes(form))).length, 0, "keys in the bundle");
  lab.findings.notes.push(`keys of the kernel that the bundle was searched for: ${keys.length}`);
};

const checkClean = (text: string): void => {
  checkEqual(secretsIn(text), [], "secrets in the bundle");
  for (const secret of [...TUNNELS.map(({ psk }) => psk), SAMPLE.token])
    check(!text.includes(Buffer.from(secret).toString("hex")), "the bundle should have no secret in hexadecimal");
};

const checkRefused = async (lab: Lab): Promise<void> => {
  lab.progress("a PSK, byte by byte, in what the agent keeps: no bundle");
  const before = bundles(lab).length;
  const bytes = Buffer.from(PSK)
    .toString("hex")
    .replaceAll(/..(?!$)/g, "$& ");
  await lab.gateway.write("/var/lib/spacegate/events.jsonl", `${JSON.stringify({ text: bytes })}\n`, 0o600);
  const { code, stdout, stderr } = await bundle(lab, "--without", "check.json");
  checkEqual([code, stdout, bundles(lab).length], [1, "", before], "exit code, output and bundles after a refusal");
  check(/events\.jsonl holds .*BUNDLE_REFUSED/s.test(stderr), `it should say what holds a secret, it said: ${stderr}`);
};

export const bundleScenario: Scenario = {
  name: "bundle",
  title: "A bundle has what support needs and no secret, with and without the agent; with a secret in it there is none",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 240,
  run: async (lab) => {
    await startSteady(lab);
    await lab.gateway.write(`${RECORDER_BIN}/journalctl`, JOURNAL, 0o755);
    lab.progress("spacegate bundle beside the daemon");
    const { code, stdout, stderr } = await bundle(lab);
    checkEqual(code, 0, `exit code of bundle (${stderr})`);
    check(/ status\.json\n/.test(stdout), `it should list its contents, it said: ${stdout}`);
    checkEqual(
      bundles(lab).map((path) => (statSync(path).mode & 0o777).toString(8)),
      ["600"],
      "modes of bundles",
    );
    checkClean(textOf(lab));
    await checkContents(lab, textOf(lab));
    lab.progress("spacegate bundle after a kill -9 of the agent");
    await lab.agent.kill();
    checkEqual((await bundle(lab, "--without", "check.json")).code, 0, "exit code of bundle without the agent");
    check(/The agent does not answer/.test(textOf(lab)), "it should say that the agent does not answer");
    checkClean(textOf(lab));
    await checkRefused(lab);
  },
};
