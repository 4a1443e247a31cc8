import { access, readFile } from "node:fs/promises";
import { networkInterfaces, totalmem } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import type { HostFacts } from "../model/observed.ts";
import type { IpQueries } from "./network.ts";

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

/** Whether the kernel has a module, built in, loaded or ready to be loaded. */
export const hasModule = async (root: string, name: string): Promise<boolean> => {
  if (await exists(join(root, "sys/module", name))) return true;
  const release = (await textOf(join(root, "proc/sys/kernel/osrelease"))).trim();
  const directory = join(root, "lib/modules", release);
  const lists = await Promise.all(["modules.dep", "modules.builtin"].map((file) => textOf(join(directory, file))));
  return release !== "" && lists.some((list) => new RegExp(`/${name}\\.ko[.:\\w]*`, "m").test(list));
};

const routeAnswer = z.array(z.object({ prefsrc: z.string().optional() }));

const sourceFor = async (ip: IpQueries, target: string): Promise<[string, string][]> => {
  try {
    const [answer] = await ip.run([`route get ${target}`]);
    const [route] = routeAnswer.parse(answer);
    return route?.prefsrc ? [[target, route.prefsrc]] : [];
  } catch {
    // No route: the plan says so, with the connection's name.
    return [];
  }
};

/** The device of each IPv4 address of this host, without loopback. */
const ownDevices = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(networkInterfaces()).flatMap(([device, addresses]) =>
      (addresses ?? []).filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => [address, device]),
    ),
  );

/** Every IPv4 address of this host, without loopback. */
export const ownAddresses = (): string[] => Object.keys(ownDevices());

/** What planning must know of this host; `targets` are the VPN gateways' addresses. */
export const observeHost = async (ip: IpQueries, root: string, targets: readonly string[]): Promise<HostFacts> => {
  const [vti, esp, sources] = await Promise.all([
    hasModule(root, "ip_vti"),
    hasModule(root, "esp4"),
    Promise.all(targets.map((target) => sourceFor(ip, target))),
  ]);
  const devices = ownDevices();
  return {
    ...{ vti: vti && esp, sourceAddress: Object.fromEntries(sources.flat()) },
    ...{ addresses: Object.keys(devices), devices, memoryBytes: totalmem() },
  };
};
