import { access, constants } from "node:fs/promises";
import { run } from "./run.ts";

export type Accelerator = "kvm" | "tcg";

const PROBE = ["-accel", "kvm", "-cpu", "max", "-machine", "q35", "-m", "64", "-display", "none", "-nodefaults"];

/** KVM where it works: a nested one may be there, and fail as soon as a machine begins to run. */
export const acceleratorOf = async (signal: AbortSignal): Promise<Accelerator> => {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
    await run("sh", ["-c", 'echo quit | timeout 20 qemu-system-x86_64 "$@" -monitor stdio', "sh", ...PROBE], { signal });
    return "kvm";
  } catch {
    signal.throwIfAborted();
    return "tcg";
  }
};
