import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TlsReport } from "../../../agent/cli/tls-text.ts";
import { getHttps, type Reply, type Trust } from "../../expose/https.ts";
import { agentCommand, type RawSettings } from "../agent.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";
import { SAMPLE } from "../sample.ts";
import { quick, startSteady } from "../steady.ts";
import { Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

const PORT = 9747;
const TOKEN_FILE = "/etc/spacegate/http-token";
const CLIENT = "/run/home/prometheus";
const OWN = { certificate: "/etc/spacegate/own.crt", key: "/etc/spacegate/own.key" };
const PRIVATE = "/var/lib/spacegate/tls";

const protectedBy =
  (tls: object) =>
  (settings: RawSettings): RawSettings => ({
    ...quick(settings),
    listen: { address: "0.0.0.0", tls: { client_certificates: "required", ...tls }, token_file: TOKEN_FILE },
  });

/** From the LAN's side of the gateway, as a scraper there would ask. */
const ask = (trust: Trust, token = ""): Promise<Reply> =>
  getHttps(PORT, "/metrics", { ...trust, host: SAMPLE.gatewayLan }, token === "" ? {} : { authorization: `Bearer ${token}` });

/** "refused" before anything was said, else the status code. */
const outcome = (trust: Trust, token?: string): Promise<number | "refused" | undefined> =>
  ask(trust, token).then(
    ({ code }) => code,
    () => "refused" as const,
  );

const agentJson = async <T>(lab: Lab, ...argv: readonly [string, ...string[]]): Promise<T> => {
  const { stdout } = await lab.inGateway(agentCommand(...argv, "--json"), true);
  return JSON.parse(stdout) as T;
};

const issueClient = async (lab: Lab): Promise<Trust> => {
  lab.progress("spacegate tls client prometheus");
  await lab.inGateway(agentCommand("tls", "client", "prometheus", "--out", CLIENT));
  const read = (name: string) => readFileSync(lab.gateway.path(`${CLIENT}/${name}`), "utf8");
  return { ca: read("authority.crt"), cert: read("prometheus.crt"), key: read("prometheus.key") };
};

const checkAccess = async (scraper: Trust, token: string): Promise<void> => {
  const stranger = scraper.ca === undefined ? {} : { ca: scraper.ca };
  checkEqual(await outcome({}, token), "refused", "a client that does not trust the CA");
  checkEqual(await outcome(stranger, token), "refused", "a client without a certificate");
  checkEqual(await outcome(scraper), 401, "a client without the token");
  checkEqual(await outcome(scraper, `${token}x`), 401, "a client with another token");
  checkEqual(await outcome(scraper, token), 200, "the scraper");
};

const expiryIn = ({ body }: Reply): number =>
  Number(/^spacegate_tls_certificate_expiry_timestamp_seconds (\S+)$/m.exec(body)?.[1]);

const checkExpiry = async (lab: Lab, scraper: Trust, token: string): Promise<void> => {
  const reply = await ask(scraper, token);
  const days = (expiryIn(reply) * 1000 - Date.now()) / 86_400_000;
  check(days > 89 && days <= 90, `the certificate should be good for 90 days, the metric says ${days.toFixed(1)}`);
  const { certificate } = await agentJson<TlsReport>(lab, "tls", "show");
  checkEqual(Date.parse(certificate?.expires ?? "") / 1000, expiryIn(reply), "the end by `tls show` and by the metric");
};

interface Told {
  readonly warnings: readonly { readonly code: string; readonly text: string; readonly fix: string }[];
}

/** What the agent itself says over its socket, which neither certificate nor token concerns. */
const untilTold = (lab: Lab, code: string, wanted: boolean): Promise<string> =>
  waitUntil(`${code} to ${wanted ? "be told" : "end"}`, 30, async () => {
    const { warnings } = await agentJson<Told>(lab, "status");
    const found = warnings.find((warning) => warning.code === code);
    const done = (found !== undefined) === wanted;
    return done ? { done, value: found?.text ?? "" } : { done, seen: JSON.stringify(warnings) };
  });

/** Waits until the agent has begun to serve HTTPS so many times. */
const untilServing = (lab: Lab, times: number): Promise<void> =>
  waitUntil("HTTPS to be served anew", 20, () => {
    const seen = lab.agent.output().match(/serving https:/g)?.length ?? 0;
    return seen >= times ? { done: true, value: undefined } : { done: false, seen: `${seen} times` };
  });

const breakAndMend = async (lab: Lab, scraper: Trust, token: string): Promise<void> => {
  lab.progress("the owner's files, broken and put right");
  const good = readFileSync(lab.gateway.path(`${PRIVATE}/server.pem`), "utf8");
  await lab.gateway.write(OWN.certificate, good);
  await lab.gateway.write(OWN.key, good, 0o600);
  await lab.writeSettings(protectedBy(OWN));
  await untilServing(lab, 2);
  const { certificate } = await agentJson<TlsReport>(lab, "tls", "show");
  checkEqual(certificate?.file, OWN.certificate, "the certificate by `tls show`");
  await lab.gateway.write(OWN.certificate, "nonsense");
  const text = await untilTold(lab, "tls-refused", true);
  check(text.includes(OWN.certificate), `the warning should name ${OWN.certificate}, found ${text}`);
  checkEqual(await outcome(scraper, token), 200, "the scraper, while the file is broken");
  await lab.gateway.write(OWN.certificate, good);
  await untilTold(lab, "tls-refused", false);
};

const checkSecrets = (lab: Lab, scraper: Trust, token: string): void => {
  const directory = lab.gateway.path(PRIVATE);
  const pems = readdirSync(directory).map((name) => join(directory, name));
  for (const file of pems) checkEqual((statSync(file).mode & 0o7777).toString(8), "600", `the mode of ${file}`);
  const keys = [...pems.map((file) => readFileSync(file, "utf8")), scraper.key ?? ""].filter((text) => text.includes("PRIVATE"));
  const secrets = [token, ...keys.map((text) => text.split("\n")[3] ?? "")];
  check(
    secrets.length > 3 && secrets.every((secret) => secret.length > 40),
    "there should be three keys and a token to search for",
  );
  const captured = readdirSync(lab.logs).map((name) => readFileSync(join(lab.logs, name), "latin1"));
  const leaks = secrets.filter((secret) => captured.some((text) => text.includes(secret)));
  checkEqual(leaks.length, 0, "private keys and tokens in what was captured");
};

export const tls: Scenario = {
  name: "tls",
  title: "The agent turns to HTTPS with client certificates and a token while it runs, and keeps a broken certificate out",
  engines: ["native", "libipsec"],
  run: async (lab) => {
    const token = randomBytes(32).toString("hex");
    await lab.gateway.write(TOKEN_FILE, `${token}\n`, 0o600);
    await startSteady(lab);
    const untouched = await Untouched.since(lab);
    lab.progress("TLS, client certificates and a token in the settings");
    await lab.writeSettings(protectedBy({}));
    await untilServing(lab, 1);
    checkEqual(await lab.http("/livez"), undefined, "an answer over plain HTTP");
    const scraper = await issueClient(lab);
    await checkAccess(scraper, token);
    await checkExpiry(lab, scraper, token);
    await breakAndMend(lab, scraper, token);
    await untouched.checkSas("after every change of the HTTP server");
    await lab.inGateway(agentCommand("plan"), true);
    const body = (await ask(scraper, token)).body;
    lab.processes.keep("http", `GET /metrics over TLS\n${body}\n`);
    checkSecrets(lab, scraper, token);
  },
};
