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

/** What a stranger finds from the internet's side: the ports that do not say, as most do, that they are closed. */
const scan = async (lab: ImageLab, ...options: readonly string[]): Promise<Port[]> => {
  const nmap = ["nmap", "-n", "-Pn", "-oG", "-", ...options, SAMPLE.gateway];
  const { stdout } = await lab.processes.run(inNamespace("inet", nmap), { timeoutSeconds: 900 });
  check(stdout.includes("Ignored State: closed"), `most ports should be closed: ${stdout}`);
  return parsePorts(stdout).filter(({ state }) => state !== "closed");
};

/** SSH is the owner's way in: the security group or the owner's own rules say who may use it. */
const OPEN = ["22/tcp"];

/** Only the VPN gateways get an answer; anybody else's packets are dropped. */
const SILENT = ["500/udp", "4500/udp"];

// Linux tells one asker once a second that a UDP port is closed.
const PATIENT = ["--scan-delay", "1100ms", "--max-retries", "3"];

const COMMON_UDP =
  "53,67-69,88,111,123,135,137-139,161,162,389,427,443,445,500,514,520,546,631,853,1194,1434,1701,1900,2049,3389,4433,4500,4789,5060,5353,5355,8472,9747,51820";

const ports: ImageCheck = {
  name: "ports",
  title: "A stranger's port scan finds SSH open and nothing else, and no answer from IKE",
  run: async (lab) => {
    const tcp = await scan(lab, "-sS", "-T4", "--max-retries", "2", "-p-");
    const udp = await scan(lab, "-sU", ...PATIENT, "-p", COMMON_UDP);
    const named = (state: string) => [...tcp, ...udp].filter((one) => one.state === state).map(({ port }) => port);
    lab.findings.notes.push(
      `of all TCP ports and the usual ones of UDP: open ${named("open").join(", ")}, without an answer ${named("open|filtered").join(", ")}`,
    );
    checkEqual(named("open"), OPEN, "open ports");
    checkEqual(named("open|filtered"), SILENT, "UDP ports without an answer");
    checkEqual(tcp.length + udp.length, OPEN.length + SILENT.length, "ports that are not closed");
  },
};

export const portChecks = [ports] as const;
