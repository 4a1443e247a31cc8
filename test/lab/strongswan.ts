import type { Box } from "./box.ts";
import { waitUntil } from "./check.ts";
import type { EngineName } from "./engines/engine.ts";
import type { Processes, Running } from "./processes.ts";

/** charon's own log inside a box; `ipsec start` without --nofork would send it to a syslog that nobody runs. */
export const CHARON_LOG = "/run/charon.log";

const LOGGING = `
  filelog {
    lab {
      path = ${CHARON_LOG}
      time_format = %H:%M:%S
      time_add_ms = yes
      flush_line = yes
      default = 1
    }
  }`;

// Ahead of kernel-netlink: the first kernel backend that is loaded gets the SAs.
const LIBIPSEC = `
  plugins {
    kernel-libipsec {
      load = 100
    }
  }`;

/** The lab's fragment of strongswan.conf: `extra` are further lines of the section charon. */
export const charonFragment = (engine: EngineName, extra = ""): string =>
  `charon {${LOGGING}${engine === "libipsec" ? LIBIPSEC : ""}\n${extra}}\n`;

/** Starts strongSwan in a box and waits until charon has loaded `conns` connections. */
export const startStrongswan = async (box: Box, processes: Processes, conns: number): Promise<Running> => {
  const starter = processes.start(`${box.name}-strongswan`, box.inside(["ipsec", "start", "--nofork"]));
  await waitUntil(`strongSwan in ${box.name} to load ${conns} conn(s)`, 30, async () => {
    const loaded = (await box.read(CHARON_LOG)).match(/added configuration/g)?.length ?? 0;
    if (loaded >= conns) return { done: true, value: undefined };
    return { done: false, seen: `${loaded} loaded; ${starter.output().trim().split("\n").at(-1) ?? ""}` };
  });
  return starter;
};

interface ChildSa {
  readonly name: string;
  readonly id: number;
  /** INSTALLED, REKEYED, … */
  readonly state: string;
}

export interface IkeSa {
  readonly name: string;
  /** charon gives each a number of its own. */
  readonly id: number;
  /** ESTABLISHED, CONNECTING, … */
  readonly state: string;
  /** The peer's address. */
  readonly remote: string;
  readonly children: readonly ChildSa[];
}

const IKE = /^(\S+): #(\d+), ([A-Z_]+),/;
const REMOTE = /^ {2}remote .*@ ([\d.]+)\[/;
const CHILD = /^ {2}(\S+): #(\d+), (?:reqid \d+, )?([A-Z_]+),/;

/** Reads what `swanctl --list-sas` prints. */
export const parseSas = (text: string): IkeSa[] => {
  const sas: { name: string; id: number; state: string; remote: string; children: ChildSa[] }[] = [];
  for (const line of text.split("\n")) {
    const [ike, remote, child] = [IKE.exec(line), REMOTE.exec(line), CHILD.exec(line)];
    if (ike?.[1] && ike[3]) sas.push({ name: ike[1], id: Number(ike[2]), state: ike[3], remote: "", children: [] });
    const last = sas.at(-1);
    if (last && remote?.[1]) last.remote = remote[1];
    if (last && child?.[1] && child[3]) last.children.push({ name: child[1], id: Number(child[2]), state: child[3] });
  }
  return sas;
};

/** "vpn1#3: vpn1#7 INSTALLED", one for each IKE_SA: another SA in its place has other numbers. */
export const saIds = (sas: readonly IkeSa[]): string[] =>
  sas
    .map(
      ({ name, id, children }) =>
        `${name}#${id}: ${children.map((child) => `${child.name}#${child.id} ${child.state}`).join(", ")}`,
    )
    .sort();

/** The SAs of the charon in a box; none while charon does not answer. */
export const listSas = async (box: Box, processes: Processes): Promise<IkeSa[]> => {
  const { stdout } = await processes.run(box.inside(["swanctl", "--list-sas"]), { mayFail: true });
  return parseSas(stdout);
};
