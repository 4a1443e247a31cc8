import { check, checkEqual } from "../../lab/check.ts";
import { SAMPLE } from "../../lab/sample.ts";
import { inNamespace } from "../../lab/topology.ts";
import type { ImageLab } from "../image-lab.ts";
import type { ImageCheck } from "./check.ts";

interface Port {
  /** "22/tcp". */
  readonly port: string;
  readonly state: string;
}

/** Of nmap's output for programs: `22/open/tcp//ssh///, …`. */
const parsePorts = (text: string): Port[] =>
  [...text.matchAll(/(\d+)\/([a-z|]+)\/(tcp|udp)\//g)].map(([, port, state, protocol]) => ({
    port: `${port}/${protocol}`,
    state: state ?? "",
  }));

/** What a stranger finds from the internet's side. */
const scan = async (lab: ImageLab, ...options: readonly string[]): Promise<Port[]> => {
  const nmap = ["nmap", "-n", "-Pn", "-T4", "--max-retries", "2", "-oG", "-", ...options, SAMPLE.gateway];
  const { stdout } = await lab.processes.run(inNamespace("inet", nmap), { timeoutSeconds: 900 });
  check(stdout.includes("Status: Up"), `nmap should find the gateway: ${stdout}`);
  return parsePorts(stdout);
};

/** SSH is the owner's way in: the security group or the owner's own rules say who may use it. */
const OPEN = ["22/tcp"];

const COMMON_UDP =
  "53,67-69,88,111,123,135,137-139,161,162,389,427,443,445,500,514,520,546,631,853,1194,1434,1701,1900,2049,3389,4433,4500,4789,5060,5353,5355,8472,9747,51820";

const ports: ImageCheck = {
  name: "ports",
  title: "A stranger's port scan finds nothing open but SSH, and no answer from IKE",
  run: async (lab) => {
    const tcp = await scan(lab, "-sS", "-p-");
    const udp = await scan(lab, "-sU", "-p", COMMON_UDP);
    const open = [...tcp, ...udp].filter(({ state }) => state === "open").map(({ port }) => port);
    const silent = udp.filter(({ state }) => state === "open|filtered").map(({ port }) => port);
    lab.findings.notes.push(`open: ${open.join(", ") || "nothing"}; UDP without an answer: ${silent.join(", ") || "nothing"}`);
    checkEqual(open, OPEN, "open ports");
  },
};

export const portChecks = [ports] as const;
