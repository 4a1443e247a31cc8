import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";
import { type Identity, issueAuthority, issueLeaf, type Validity } from "../../../agent/lib/pki.ts";

/* Real servers on loopback, each gone with its test. */

export const HOST = "127.0.0.1";

const DAY = 86_400_000;

export const validFor = (days: number): Validity => ({ from: Date.now() - DAY, until: Date.now() + days * DAY });

/** A certificate as Heroku's data services have it: of a CA that nobody knows. */
export const makeIdentity = async (validity: Validity = validFor(30)): Promise<Identity> => {
  const authority = await issueAuthority("somebody", validFor(60));
  return issueLeaf(authority, { usage: "server", name: "data", hosts: ["data.example"], validity });
};

/** Removed when the test is over. */
const directory = (): string => {
  const path = mkdtempSync(join("/tmp", "sg-link-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, HOST, () => resolve((server.address() as AddressInfo).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** Runs a program until the test is over; resolves when it has written the words. */
const run = async (argv: readonly [string, ...string[]], until: RegExp): Promise<void> => {
  const [program, ...args] = argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  const gone = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}: ${output}`)));
  });
  gone.catch(() => {});
  onTestFinished(async () => {
    child.kill("SIGTERM");
    const wait = (ms: number) => Promise.race([gone.catch(() => {}), delay(ms)]);
    await wait(3000);
    child.kill("SIGKILL");
    await wait(1000);
  });
  const said = new Promise<void>((resolve) => {
    const hear = (text: Buffer): void => {
      output += text;
      if (until.test(output)) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
  });
  await Promise.race([said, gone]);
};

const ACCOUNT = { uid: 65_534, gid: 65_534, name: "nobody" };

/** Postgres will not run as root. */
const asNobody = (): string[] =>
  process.getuid?.() === 0 ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : [];

const giveAway = (...paths: readonly string[]): void => {
  if (process.getuid?.() === 0) for (const path of paths) chownSync(path, ACCOUNT.uid, ACCOUNT.gid);
};

const writeIdentity = (path: string, { certificate, key }: Identity): { cert: string; key: string } => {
  const files = { cert: join(path, "server.crt"), key: join(path, "server.key") };
  writeFileSync(files.cert, certificate);
  writeFileSync(files.key, key.reveal(), { mode: 0o600 });
  return files;
};

/** redis-server with TLS, as Heroku Key-Value Store has it; further words are its configuration. */
export const redisServer = async (identity: Identity, ...config: readonly string[]): Promise<number> => {
  const [path, port] = [directory(), await freePort()];
  const { cert, key } = writeIdentity(path, identity);
  const tls = ["--tls-port", `${port}`, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert];
  const rest = ["--port", "0", "--bind", HOST, "--dir", path, "--save", "", "--appendonly", "no", "--tls-auth-clients", "no"];
  await run(["redis-server", ...rest, ...tls, ...config], /Ready to accept connections/);
  return port;
};

/** `openssl s_server`; further words are its options. */
export const opensslServer = async (identity: Identity, ...options: readonly string[]): Promise<number> => {
  const [path, port] = [directory(), await freePort()];
  const { cert, key } = writeIdentity(path, identity);
  await run(["openssl", "s_server", "-accept", `${HOST}:${port}`, "-cert", cert, "-key", key, ...options], /ACCEPT/);
  return port;
};

const postgresPrograms = (): string => {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return join(base, versions[0] ?? "none", "bin");
};

/** A Postgres of its own that asks for SCRAM passwords over TCP; with TLS when there is an identity. */
export const postgresServer = async (identity?: Identity): Promise<number> => {
  const [path, port, programs] = [directory(), await freePort(), postgresPrograms()];
  const data = join(path, "data");
  const files = identity ? writeIdentity(path, identity) : undefined;
  giveAway(path, ...(files ? [files.cert, files.key] : []));
  const argv = [...asNobody(), join(programs, "initdb"), "-D", data, "-U", "owner", "--auth=scram-sha-256", "--no-sync"];
  const password = join(path, "password");
  writeFileSync(password, "not-a-secret\n");
  giveAway(password);
  const [program = "", ...args] = [...argv, `--pwfile=${password}`];
  const made = spawnSync(program, args, { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb: ${made.error ?? made.stderr}`);
  const tls = files ? ["-c", "ssl=on", "-c", `ssl_cert_file=${files.cert}`, "-c", `ssl_key_file=${files.key}`] : [];
  const options = ["-D", data, "-h", HOST, "-p", `${port}`, "-k", path, "-F", ...tls];
  const [start = "", ...more] = [...asNobody(), join(programs, "postgres"), ...options];
  await run([start, ...more], /database system is ready to accept connections/);
  return port;
};

/** dnsmasq that knows the names given and nothing else; resolves to "address:port". */
export const nameServer = async (...config: readonly string[]): Promise<string> => {
  const port = await freePort();
  const base = ["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--log-facility=-"];
  const where = [`--listen-address=${HOST}`, `--port=${port}`, "--pid-file=", "--user=", "--group="];
  await run(["dnsmasq", ...base, ...where, ...config], /started, version/);
  return `${HOST}:${port}`;
};

const listenOn = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return (server.address() as AddressInfo).port;
};

/** A server of the test's own, without TLS. */
export const plainServer = (onSocket: (socket: Socket) => void): Promise<number> => listenOn(createServer(onSocket));

/** The same behind TLS. */
export const tlsServer = async (
  identity: Identity,
  onSocket: (socket: Socket) => void,
  options: TlsOptions = {},
): Promise<number> => {
  const server = createTlsServer({ cert: identity.certificate, key: identity.key.reveal(), ...options }, (socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  });
  return listenOn(server);
};
