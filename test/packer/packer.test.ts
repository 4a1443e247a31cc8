import { chmod } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Outcome, runPacker } from "../../packer/image/packer.ts";
import { directory, PACKER, put } from "./support.ts";

afterEach(() => void vi.unstubAllEnvs());

/** Runs a script in Packer's place: it gets Packer's arguments, and the machine's console as $console. */
const runInstead = async (script: string): Promise<Outcome> => {
  const [programs, scratch] = [directory(), directory()];
  const value = (name: string): string => `${name}=$(printf '%s\\n' "$@" | sed -n 's/^${name}=//p')`;
  await put(programs, "packer", `#!/bin/sh\n${["console", "report", "output"].map(value).join("\n")}\n${script}\n`);
  await chmod(join(programs, "packer"), 0o755);
  vi.stubEnv("PATH", `${programs}${delimiter}${process.env.PATH}`);
  const job = { packer: PACKER, scratch, base: "base.qcow2", deb: "x.deb", version: "1.2.3-1", commit: "0123abc" };
  return runPacker({ ...job, accelerator: "tcg" }, { signal: new AbortController().signal });
};

const DONE = 'echo "--> qemu.gateway: The artifacts of successful builds are:"';

describe("Packer's run", () => {
  it("gives the disk, and what is in it", async () => {
    const report = '{"system":"Debian","kernel":"6.1","usedBytes":5,"packages":{"spacegate":["1.2.3-1",9]}}';
    const outcome = await runInstead(`echo '${report}' >"$report"\n${DONE}`);
    expect(outcome.report).toEqual(JSON.parse(report));
    expect(outcome.disk).toMatch(/\/output\/spacegate-amd64\.qcow2$/);
  });

  it("fails with the last words of Packer and of the machine", async () => {
    const ended = runInstead('echo "Kernel panic" >"$console"\necho "Timeout waiting for SSH."\nexit 1');
    await expect(ended).rejects.toThrow(/Timeout waiting for SSH\.\n?\nThe machine's console:\nKernel panic/);
  });

  it("fails when Packer was killed, although it says 0", async () => {
    await expect(runInstead("exit 0")).rejects.toThrow("Packer ended without an image");
  });

  it("lets the machine's Packer in with a key of one build", async () => {
    const seed = `cat user-data | grep -q '"ssh_authorized_keys":\\["ssh-ed25519 ' && test -s key`;
    await expect(runInstead(`${seed} && echo sound\nexit 1`)).rejects.toThrow("sound");
  });
});
