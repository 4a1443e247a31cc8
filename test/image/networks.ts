import type { Processes } from "../lab/processes.ts";
import { SAMPLE } from "../lab/sample.ts";

/** Where the test itself reaches the machine, beside both of the gateway's own networks. */
export const MANAGEMENT = { host: "192.0.2.1", machine: "192.0.2.2" } as const;

interface Card {
  /** The name of the network card inside, and of the tap device with "-tap" behind it. */
  readonly name: string;
  readonly mac: string;
  readonly address: string;
}

export const CARDS: readonly Card[] = [
  { name: "wan0", mac: "52:54:00:00:00:01", address: `${SAMPLE.gateway}/24` },
  { name: "lan0", mac: "52:54:00:00:00:02", address: `${SAMPLE.gatewayLan}/24` },
  { name: "mgmt0", mac: "52:54:00:00:00:03", address: `${MANAGEMENT.machine}/30` },
];

export const tapOf = ({ name }: Card): string => `${name}-tap`;

// The lab's own gateway gives its addresses up: its links become ends of bridges, and the machine is at the other ends.
const BRIDGED = ["wan0", "lan0"].map(
  (name) => `
address flush dev ${name}
link add ${name}-bridge type bridge
link set ${name} master ${name}-bridge
link set ${name}-tap master ${name}-bridge
link set ${name}-bridge up
`,
);

/** Puts the ends of a machine's three cards in the place of the namespace gw. */
export const buildTaps = async (processes: Processes): Promise<void> => {
  const taps = CARDS.map((card) => `tuntap add ${tapOf(card)} mode tap\nlink set ${tapOf(card)} up\n`).join("");
  const management = `address add ${MANAGEMENT.host}/30 dev mgmt0-tap\n`;
  await processes.run(["ip", "-batch", "-"], { input: `${taps}${BRIDGED.join("")}${management}` });
};
