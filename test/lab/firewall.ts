import { waitUntil } from "./check.ts";
import type { Lab } from "./lab.ts";
import { SAMPLE } from "./sample.ts";
import { inNamespace, type Namespace } from "./topology.ts";

/** An address in the internet that is neither VPN gateway's. */
export const OUTSIDER = "203.0.113.1";

/** The agent's table as the kernel has it, without its counts; "" when there is none. */
export const tableOf = async (lab: Lab): Promise<string> => {
  const { stdout } = await lab.inGateway(["nft", "list", "table", "inet", "spacegate"], true);
  return stdout.replaceAll(/packets \d+ bytes \d+/g, "");
};

/** What a rule of the agent's has counted, by its own metric. */
export const counted = async (lab: Lab, rule: string): Promise<number> => {
  const text = (await lab.http("/metrics"))?.body ?? "";
  return Number(new RegExp(`^spacegate_firewall_packets_total\\{rule="${rule}"\\} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
};

/** Waits until a rule has counted more than `before`. */
export const untilCounted = (lab: Lab, rule: string, before: number): Promise<number> =>
  waitUntil(`${rule} to have counted`, 10, async () => {
    const now = await counted(lab, rule);
    return now > before ? { done: true, value: now - before } : { done: false, seen: `${now - before} packets` };
  });

const UDP_ANSWERS = new URL("../../agent/check/udp-answers.ts", import.meta.url).href;
const CLOCK = new URL("../../agent/lib/clock.ts", import.meta.url).href;

const ASK = `
const { askIke } = await import(${JSON.stringify(UDP_ANSWERS)});
const { systemClock } = await import(${JSON.stringify(CLOCK)});
const ask = { local: "${OUTSIDER}", remote: "${SAMPLE.gateway}", port: Number(process.argv[1]), ikeVersion: 2 };
console.log(await askIke(systemClock)(ask, AbortSignal.timeout(10000)));`;

/** Whether charon answers somebody in the internet who is no VPN gateway. */
export const outsiderIsAnswered = async (lab: Lab, port: 500 | 4500): Promise<boolean> => {
  const argv = [process.execPath, "--input-type=module", "-e", ASK, String(port)];
  return (await lab.processes.run(inNamespace("inet", argv))).stdout.trim() === "true";
};

/** Starts a TCP server; it is there when this resolves. */
export const listen = async (lab: Lab, where: Namespace, port: number): Promise<void> => {
  const script = `require("node:net").createServer((socket) => socket.on("error", () => {}).end("hello")).listen(${port}, () => console.log("listening"))`;
  const server = lab.processes.start(`${where}-tcp-${port}`, inNamespace(where, [process.execPath, "-e", script]));
  await waitUntil(`a server in ${where}`, 10, () =>
    server.output().includes("listening") ? { done: true, value: undefined } : { done: false, seen: server.output() },
  );
};

/** What a TCP server says, "" when it cannot be reached within two seconds. */
export const hear = async (lab: Lab, from: Namespace, address: string, port: number): Promise<string> => {
  const script = `const socket = require("node:net").connect({ host: "${address}", port: ${port} });
socket.on("data", (data) => process.stdout.write(data)).on("error", () => process.exit()).on("close", () => process.exit());
setTimeout(() => process.exit(), 2000);`;
  return (await lab.processes.run(inNamespace(from, [process.execPath, "-e", script]))).stdout;
};

const nft = (lab: Lab, where: Namespace, input: string) => lab.processes.run(inNamespace(where, ["nft", "-f", "-"]), { input });

/** Counts packets where they arrive, by rule: name to match. */
export const watchFor = async (lab: Lab, where: Namespace, rules: Readonly<Record<string, string>>): Promise<void> => {
  const counters = Object.keys(rules).map((name) => `counter ${name} { }`);
  const lines = Object.entries(rules).map(([name, match]) => `${match} counter name ${name}`);
  const chain = `chain seen { type filter hook prerouting priority -300; policy accept;\n${lines.join("\n")}\n}`;
  await nft(lab, where, `table inet seen {\n${counters.join("\n")}\n${chain}\n}\n`);
};

/** Packets that arrived there, by rule. */
export const seenIn = async (lab: Lab, where: Namespace): Promise<Readonly<Record<string, number>>> => {
  const { stdout } = await lab.processes.run(inNamespace(where, ["nft", "list", "counters", "table", "inet", "seen"]));
  const found = stdout.matchAll(/counter (\w+) \{\s+packets (\d+)/g);
  return Object.fromEntries([...found].map(([, name = "", packets]) => [name, Number(packets)]));
};

/** The addresses that the table lets IKE in from. */
export const peersIn = (table: string): string[] =>
  /set peers \{[^}]*elements = \{([^}]*)\}/
    .exec(table)?.[1]
    ?.split(",")
    .map((one) => one.trim()) ?? [];
