import type { HostReader } from "./host-reader.ts";

/** Who has an IKE port open on this host. */
export interface PortHolder {
  readonly port: number;
  /** undefined when it could not be found out, for instance without root. */
  readonly pid: number | undefined;
  /** "charon"; "" when it could not be found out. */
  readonly name: string;
}

const TABLES = ["/proc/net/udp", "/proc/net/udp6"];

/** Ports and inodes of the open UDP sockets in the text of /proc/net/udp or udp6: the second and the tenth column. */
export const parseUdpTable = (text: string): readonly { readonly port: number; readonly inode: string }[] =>
  text.split("\n").flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const port = /^[0-9A-F]+:([0-9A-F]{4})$/.exec(columns[1] ?? "")?.[1];
    const inode = columns[9];
    return port && inode ? [{ port: Number.parseInt(port, 16), inode }] : [];
  });

const socketsOf = async (reader: HostReader, pid: string): Promise<string[]> => {
  const directory = `/proc/${pid}/fd`;
  const links = await Promise.all((await reader.names(directory)).map((fd) => reader.link(`${directory}/${fd}`)));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link ?? "")?.[1] ?? []);
};

const holdersByInode = async (reader: HostReader, inodes: ReadonlySet<string>): Promise<Map<string, [number, string]>> => {
  const holders = new Map<string, [number, string]>();
  const pids = (await reader.names("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const held = (await socketsOf(reader, pid)).filter((inode) => inodes.has(inode));
    if (held.length === 0) continue;
    const name = ((await reader.text(`/proc/${pid}/comm`)) ?? "").trim();
    for (const inode of held) holders.set(inode, [Number(pid), name]);
  }
  return holders;
};

/** Every holder of one of the ports, once each. Rejects where /proc tells nothing. */
export const gatherPorts = async (reader: HostReader, ports: readonly number[]): Promise<PortHolder[]> => {
  const tables = await Promise.all(TABLES.map((path) => reader.text(path)));
  if (tables[0] === undefined) throw new Error("/proc/net/udp cannot be read.");
  const sockets = tables.flatMap((text) => parseUdpTable(text ?? "")).filter(({ port }) => ports.includes(port));
  const holders = await holdersByInode(reader, new Set(sockets.map(({ inode }) => inode)));
  const found = sockets.map(({ port, inode }): PortHolder => {
    const [pid, name] = holders.get(inode) ?? [undefined, ""];
    return { port, pid, name };
  });
  return [...new Map(found.map((holder) => [`${holder.port} ${holder.pid}`, holder])).values()];
};
