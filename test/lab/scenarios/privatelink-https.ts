import type { ProofTarget } from "../../../agent/privatelink/observe/prove.ts";
import { check, checkEqual } from "../check.ts";
import type { Lab } from "../lab.ts";
import { letIn, PLACE } from "../privatelink/bring-about.ts";
import { startHttps } from "../privatelink/far-ends.ts";
import { Room } from "../privatelink/room.ts";
import { KINESIS, VPC } from "../privatelink/sample.ts";
import type { Scenario } from "./scenario.ts";

const NAME = "kinesis";

/** The name that a client asks for, and whether private DNS is on. */
const targetOf = (hostname: string, privateDns: boolean): ProofTarget => ({
  ...{ hostname, privateDns, port: 443, protocol: "https", inside: [VPC.cidr] },
  owner: hostname === KINESIS.hostname ? "service" : "endpoint",
});

interface Connected {
  readonly endpoint_id: string;
  readonly hostnames: readonly string[];
  readonly private_dns: boolean;
}

const connect = async (room: Room, ...more: readonly string[]): Promise<Connected> => {
  const words = ["connect", NAME, "--service-name", KINESIS.service, ...PLACE, ...more, "--json"];
  return JSON.parse((await room.chain(words)).stdout) as Connected;
};

const GET = "const { status } = await fetch(process.argv[1]); console.log(status)";

/** A client that trusts the service's CA and no other, and checks the name. */
const askHttps = async (room: Room, hostname: string, authority: string): Promise<void> => {
  const argv = [process.execPath, "--input-type=module", "-e", GET, `https://${hostname}/`];
  const { stdout } = await room.inGateway(argv, { NODE_EXTRA_CA_CERTS: authority });
  checkEqual(stdout.trim(), "403", `the answer of https://${hostname}/`);
};

const through = async (room: Room, hostname: string, privateDns: boolean): Promise<void> => {
  const target = targetOf(hostname, privateDns);
  const { said } = await room.untilProven(`${hostname} leads through the endpoint`, target, ({ trouble }) => trouble === null);
  checkEqual(said, "HTTPS answers 403", `the proof of ${hostname}`);
};

/** The service's own name, while private DNS is off. */
const aside = async (room: Room, verdict: "internet" | "nowhere", words: string): Promise<void> => {
  const target = targetOf(KINESIS.hostname, false);
  const { trouble, tcp } = await room.untilProven(`the name leads to ${verdict}`, target, ({ dns }) => dns === verdict);
  checkEqual(tcp, null, "a connection to what is not the endpoint");
  check(trouble?.text.includes(words) === true, `the proof should say "${words}", it says ${trouble?.text}`);
  check(trouble?.fix.includes("private_dns: true") === true, `the fix should be private DNS, it is ${trouble?.fix}`);
};

const withoutPrivateDns = async (lab: Lab, room: Room, authority: string): Promise<string> => {
  lab.progress("private DNS off: the endpoint's own name leads through it, the service's over the internet or nowhere");
  const { endpoint_id, hostnames, private_dns } = await connect(room);
  checkEqual([private_dns, hostnames.includes(KINESIS.hostname)], [false, false], "private DNS of the endpoint");
  const [own = ""] = hostnames;
  await through(room, own, false);
  await askHttps(room, own, authority);
  await aside(room, "nowhere", "has no address");
  room.cloud.publicNames = { [KINESIS.hostname]: [KINESIS.publicAddress] };
  await aside(
    room,
    "internet",
    `leads to ${KINESIS.publicAddress}, over the internet and not through the endpoint: private DNS is off`,
  );
  return endpoint_id;
};

const withPrivateDns = async (lab: Lab, room: Room, authority: string, id: string): Promise<void> => {
  lab.progress("private DNS on: both names lead through the endpoint");
  const { endpoint_id, hostnames, private_dns } = await connect(room, "--private-dns");
  checkEqual([endpoint_id, private_dns], [id, true], "the endpoint, which is changed and not made anew");
  for (const hostname of [KINESIS.hostname, hostnames[0] ?? ""]) {
    await through(room, hostname, true);
    await askHttps(room, hostname, authority);
  }
};

export const privatelinkHttps: Scenario = {
  name: "privatelink-https",
  title: "One of AWS's services with private DNS on and off: which name leads through the endpoint, over the internet, nowhere",
  engines: ["native", "libipsec"],
  run: async (lab) => {
    const room = await Room.open(lab);
    const authority = await room.trust(await startHttps(room.directory, lab.processes));
    const id = await withoutPrivateDns(lab, room, authority);
    await withPrivateDns(lab, room, authority, id);
    checkEqual(letIn(room), [`443-443 from ${VPC.cidr}`], "what the security group lets in");
    room.cloud.checkModel();
  },
};
