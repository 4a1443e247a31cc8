import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** How exposed systemd finds a service, from 0 (not at all) to 10. `path` must end in .service. */
export const scoreOf = async (path: string): Promise<number> => {
  const { stdout } = await execute("systemd-analyze", ["security", "--offline=true", "--no-pager", path]);
  const score = /Overall exposure level for \S+: ([0-9.]+)/.exec(stdout)?.[1];
  if (score === undefined) throw new Error(`systemd-analyze says no score: ${stdout.slice(-200)}`);
  return Number(score);
};
