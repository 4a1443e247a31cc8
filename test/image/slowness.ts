import { join } from "node:path";
import type { ImageLab } from "./image-lab.ts";

/** The processor time, in seconds, of a command that starts Node and reads much of the agent's code, as a start of the agent does. */
const JOB = `for (1 .. 3) { my $before = (times)[2] + (times)[3]; system "$ARGV[0]/node $ARGV[0]/dist/spacegate.mjs schema >/dev/null";
  push @took, (times)[2] + (times)[3] - $before } print +(sort { $a <=> $b } @took)[1]`;

const WHERE = "/usr/lib/spacegate";

/** How many times longer the machine takes for the same job, just now, than this machine does. */
export const slownessOf = async (lab: ImageLab): Promise<number> => {
  const inside = Number(await lab.machine.run("perl", "-e", JOB, WHERE));
  const { stdout } = await lab.processes.run(["perl", "-e", JOB, join(lab.image.unpacked, WHERE)]);
  return inside / Number(stdout);
};
