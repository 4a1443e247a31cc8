import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Identity, issueAuthority, issueLeaf } from "../../../agent/lib/pki.ts";
import { check, waitUntil } from "../check.ts";
import type { Processes, Running } from "../processes.ts";
import { DATA_SECRETS, KINESIS } from "./sample.ts";
import { inVpce } from "./vpc.ts";

const DAY = 86_400_000;

interface Files {
  /** Of the CA that issued the certificate: what a client may trust. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const writeIdentity = (directory: string, authority: Identity, own: Identity): Files => {
  const files = {
    authority: join(directory, "authority.crt"),
    certificate: join(directory, "own.crt"),
    key: join(directory, "own.key"),
  };
  writeFileSync(files.authority, authority.certificate);
  writeFileSync(files.certificate, own.certificate);
  writeFileSync(files.key, own.key.reveal(), { mode: 0o600 });
  return files;
};

/** Where a far end has its files, with a certificate that the project's own CA issued. */
const prepare = async (parent: string, name: string, hosts: readonly string[]): Promise<{ path: string; files: Files }> => {
  const path = join(parent, name);
  mkdirSync(path, { recursive: true });
  const validity = { from: Date.now() - DAY, until: Date.now() + 30 * DAY };
  const authority = await issueAuthority(`${name} of the lab`, validity);
  const own = await issueLeaf(authority, { usage: "server", name, hosts, validity });
  return { path, files: writeIdentity(path, authority, own) };
};

const untilSays = (running: Running, words: RegExp): Promise<void> =>
  waitUntil(`${running.name} to run`, 30, () => {
    check(running.exitCode() === undefined, `${running.name} has ended: ${running.output()}`);
    return words.test(running.output()) ? { done: true, value: undefined } : { done: false, seen: running.output() };
  });

/** A redis-server that speaks TLS only and asks for the password. Resolves to its CA's file. */
export const startRedis = async (parent: string, processes: Processes): Promise<string> => {
  const { path, files } = await prepare(parent, "redis", ["*.us-east-1.vpce.amazonaws.com"]);
  // In a file: everybody may read a command line.
  const settings = {
    ...{ port: "0", "tls-port": "6379", bind: "0.0.0.0", "protected-mode": "no", requirepass: DATA_SECRETS.redis },
    ...{ "tls-cert-file": files.certificate, "tls-key-file": files.key, "tls-ca-cert-file": files.authority },
    ...{ "tls-auth-clients": "no", save: '""', appendonly: "no", dir: path },
  };
  const conf = join(path, "redis.conf");
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(conf, lines.join(""), { mode: 0o600 });
  await untilSays(processes.start("redis", inVpce(["redis-server", conf])), /Ready to accept connections/);
  return files.authority;
};

/** Postgres will not run as root. */
const NOBODY = 65_534;
const asNobody = (argv: readonly string[]): string[] => [
  ...["setpriv", "--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups"],
  ...argv,
];

const postgresProgram = (name: string): string => {
  const base = "/usr/lib/postgresql";
  const [newest = "none"] = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return join(base, newest, "bin", name);
};

/** A Postgres that lets nobody in without TLS and a password. Resolves to its CA's file. */
export const startPostgres = async (parent: string, processes: Processes): Promise<string> => {
  const { path, files } = await prepare(parent, "postgres", ["*.us-east-1.vpce.amazonaws.com"]);
  const [data, password] = [join(path, "data"), join(path, "password")];
  writeFileSync(password, `${DATA_SECRETS.postgres}\n`, { mode: 0o600 });
  for (const own of [path, files.certificate, files.key, password]) chownSync(own, NOBODY, NOBODY);
  const make = ["-D", data, "-U", "owner", "--auth=scram-sha-256", "--no-sync", "-E", "UTF8", `--pwfile=${password}`];
  await processes.run(asNobody([postgresProgram("initdb"), ...make]));
  writeFileSync(join(data, "pg_hba.conf"), "hostssl all all 0.0.0.0/0 scram-sha-256\n");
  const tls = ["-c", "ssl=on", "-c", `ssl_cert_file=${files.certificate}`, "-c", `ssl_key_file=${files.key}`];
  const options = ["-D", data, "-h", "0.0.0.0", "-p", "5432", "-k", path, "-F", ...tls];
  const running = processes.start("postgres", inVpce(asNobody([postgresProgram("postgres"), ...options])));
  await untilSays(running, /database system is ready to accept connections/);
  return files.authority;
};

/** A service as AWS has them, under its own name and the endpoint's. Resolves to its CA's file. */
export const startHttps = async (parent: string, processes: Processes): Promise<string> => {
  const hosts = [KINESIS.hostname, "*.kinesis-streams.us-east-1.vpce.amazonaws.com"];
  const { files } = await prepare(parent, "https", hosts);
  const program = join(import.meta.dirname, "https-server.ts");
  await untilSays(processes.start("https", inVpce([process.execPath, program, files.certificate, files.key])), /listening/);
  return files.authority;
};
