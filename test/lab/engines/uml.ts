import { mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { Engine, EngineRun } from "./engine.ts";
import { spawnWithEvents } from "./spawn.ts";

const MEMORY_MB = 1024;

// The machine's processes are processes here: the PID namespace ends them all with the first.
const IN_PID_NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child", "--"];

// The machine's memory is a file, unlinked at once. On a tmpfs it is quick, but a container's /dev/shm is often too small.
const memoryDirectory = (exchange: string): string => {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize > MEMORY_MB * 1024 * 1024 ? "/dev/shm" : exchange;
  } catch {
    return exchange;
  }
};

const bootCommand = (run: EngineRun, directory: string): string[] => [
  ...IN_PID_NAMESPACE,
  "linux.uml",
  `mem=${MEMORY_MB}M`,
  "root=/dev/root",
  "rootfstype=hostfs",
  "rootflags=/",
  "ro",
  "quiet",
  `uml_dir=${directory}/`,
  "panic=-1",
  "init=/bin/sh",
  "con=null",
  "con0=null,fd:2",
  "ssl0=null,fd:1",
  `LAB_PROJECT=${run.project}`,
  `LAB_EXCHANGE=${run.exchange}`,
  `LAB_NODE=${process.execPath}`,
  `LAB_SCENARIOS=${run.scenarios.join(",")}`,
  "--",
  join(run.project, "test/lab/engines/uml-init.sh"),
];

export const uml: Engine = {
  name: "uml",
  packages: ["user-mode-linux", "kmod"],
  unavailable: async () => {
    if (process.arch !== "x64") return "User-mode Linux exists for x86-64 only: use --engine native or --engine libipsec.";
    // The kernel's command line has no way to write them.
    if (/[\s"]/.test(process.cwd())) return "User-mode Linux needs a project directory without spaces and quotes: move it.";
    return undefined;
  },
  run: async (run) => {
    const directory = join(run.exchange, "uml");
    mkdirSync(directory, { recursive: true });
    await spawnWithEvents(bootCommand(run, directory), run, { TMPDIR: memoryDirectory(run.exchange) });
  },
};
