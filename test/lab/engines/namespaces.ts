import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { FAR_ENDS } from "../packages.ts";
import type { Engine, EngineRun } from "./engine.ts";
import { spawnWithEvents } from "./spawn.ts";

const execute = promisify(execFile);

const runCells = async (run: EngineRun): Promise<void> => {
  for (const scenario of run.scenarios) {
    if (run.signal.aborted) return;
    await spawnWithEvents(["sh", "test/lab/engines/cell.sh", process.execPath, "test/lab/cell.ts", run.exchange, scenario], run);
  }
};

// Tried in a network namespace that ends with the shell. Nothing but trying tells: modules may load on demand.
const TRY_KERNEL = `set -e
ip xfrm state add src 127.0.0.1 dst 127.0.0.2 proto esp spi 0x100 mode tunnel \
  enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff auth 'hmac(sha256)' 0x00112233445566778899aabbccddeeff
ip link add vti9 type vti local 127.0.0.1 remote 127.0.0.2 key 9`;

/** True where this machine's own kernel does ESP and has VTI devices. */
export const kernelHasEspAndVti = async (): Promise<boolean> => {
  try {
    await execute("unshare", ["--net", "sh", "-c", TRY_KERNEL]);
    return true;
  } catch {
    return false;
  }
};

export const native: Engine = {
  name: "native",
  packages: ["nftables", ...FAR_ENDS],
  unavailable: async () =>
    (await kernelHasEspAndVti()) ? undefined : "This kernel has no ESP or no VTI: use --engine uml or --engine libipsec.",
  run: runCells,
};

export const libipsec: Engine = {
  name: "libipsec",
  packages: ["libcharon-extra-plugins", "nftables", ...FAR_ENDS],
  unavailable: async () =>
    existsSync("/dev/net/tun") ? undefined : "There is no /dev/net/tun: load the module tun, or use --engine uml.",
  run: runCells,
};
