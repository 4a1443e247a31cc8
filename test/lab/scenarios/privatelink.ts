import { systemClock } from "../../../agent/lib/clock.ts";
import type { ProofTarget } from "../../../agent/privatelink/observe/prove.ts";
import { check, checkEqual } from "../check.ts";
import type { Lab } from "../lab.ts";
import { bringAbout, letIn, readUrl, takeAway } from "../privatelink/bring-about.ts";
import { startPostgres, startRedis } from "../privatelink/far-ends.ts";
import { Room } from "../privatelink/room.ts";
import { DATA_SECRETS, KVS, POSTGRES, VPC } from "../privatelink/sample.ts";
import type { Scenario } from "./scenario.ts";

const ADDRESSES = ["172.16.16.10", "172.16.32.10"];

const targetOf = ({ hostname, port }: URL, protocol: "redis" | "postgres"): ProofTarget => ({
  ...{ hostname, port: Number(port), protocol, owner: "endpoint", privateDns: false },
  inside: [VPC.cidr],
});

/** The agent's own proof of life, beside what a real client has said. */
const checkProof = async (room: Room, target: ProofTarget, said: string, password?: string): Promise<void> => {
  const proof = await room.prove(target, password);
  const { dns, addresses, tcp, trouble } = proof;
  checkEqual([dns, tcp, proof.said, trouble], ["endpoint", true, said, null], `the proof of ${target.protocol}`);
  checkEqual(addresses, ADDRESSES, "the addresses that the name leads to");
  check((proof.certificateExpiresAt ?? 0) > Date.now(), "the proof should tell when the certificate expires");
};

const askRedis = async (room: Room, { hostname, port, password }: URL, authority: string): Promise<void> => {
  const argv = ["redis-cli", "--tls", "--cacert", authority, "-h", hostname, "-p", port, "PING"];
  const refused = await room.inGateway(argv);
  check(refused.stdout.includes("NOAUTH"), `without the password Redis should refuse, it says ${refused.stdout}`);
  const { stdout } = await room.inGateway(argv, { REDISCLI_AUTH: decodeURIComponent(password) });
  checkEqual(stdout.trim(), "PONG", "what redis-cli says through the endpoint");
};

const checkAgain = async (lab: Lab, room: Room): Promise<void> => {
  lab.progress("the same commands again change nothing");
  const before = room.cloud.calls.length;
  await bringAbout(room, KVS);
  checkEqual(room.cloud.changes(before), [], "changes by the same commands again");
  checkEqual(letIn(room), [`6379-6379 from ${VPC.cidr}`], "what the security group lets in");
};

/** The password is where it was asked for, and there alone: everything captured is searched for it. */
export const privatelink: Scenario = {
  name: "privatelink",
  title: "From `privatelink create` to PONG of a real Redis through the endpoint, one command after another",
  engines: ["native", "libipsec"],
  run: async (lab) => {
    const room = await Room.open(lab);
    const authority = await room.trust(await startRedis(room.directory, lab.processes));
    lab.progress("spacegate privatelink create && wait && connect");
    const startedAt = systemClock.monotonic();
    await bringAbout(room, KVS);
    const { url } = await readUrl(room, KVS);
    await askRedis(room, url, authority);
    const seconds = (systemClock.monotonic() - startedAt) / 1000;
    lab.findings.notes.push(`from create to redis-cli's PONG: ${seconds.toFixed(1)} s`);
    await checkProof(room, targetOf(url, "redis"), "Redis answers PONG", DATA_SECRETS.redis);
    await checkAgain(lab, room);
    lab.progress("spacegate privatelink disconnect && destroy");
    await takeAway(room, KVS);
    room.cloud.checkModel();
  },
};

const QUESTION = "SELECT ssl, inet_server_addr() FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

const askPostgres = async (room: Room, url: URL, authority: string): Promise<void> => {
  const to = [`host=${url.hostname}`, `port=${url.port}`, `user=${url.username}`, `dbname=${url.pathname.slice(1)}`];
  const from = [...to, "sslmode=verify-ca", `sslrootcert=${authority}`].join(" ");
  const { stdout } = await room.inGateway(["psql", "-X", "-A", "-t", "-w", "-c", QUESTION, from], {
    PGPASSWORD: decodeURIComponent(url.password),
  });
  const [tls, address = ""] = stdout.trim().split("|");
  check(tls === "t" && ADDRESSES.includes(address), `psql should be let in over TLS at the endpoint, it says ${stdout}`);
};

export const privatelinkPostgres: Scenario = {
  name: "privatelink-postgres",
  title: "From `privatelink create` to a query that a real Postgres answers through the endpoint",
  engines: ["native", "libipsec"],
  run: async (lab) => {
    const room = await Room.open(lab);
    const authority = await room.trust(await startPostgres(room.directory, lab.processes));
    lab.progress("spacegate privatelink create && wait && connect");
    await bringAbout(room, POSTGRES, VPC.role);
    const { url } = await readUrl(room, POSTGRES);
    await askPostgres(room, url, authority);
    await checkProof(room, targetOf(url, "postgres"), "Postgres answers and asks for a password (SCRAM)");
    checkEqual(letIn(room), [`5432-5432 from ${VPC.cidr}`], "what the security group lets in");
    lab.progress("spacegate privatelink disconnect && destroy");
    await takeAway(room, POSTGRES);
    room.cloud.checkModel();
  },
};
