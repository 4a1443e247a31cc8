import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../agent/lib/errors.ts";
import { LabError } from "./check.ts";

const execute = promisify(execFile);
const VERSION = "11.10.0";

/**
 * The real `heroku` command, from npm: about 400 MB, so it is no dependency of the project but installed here on demand.
 * Returns the directory of the command.
 */
export const installHerokuClient = async (directory: string, progress: (text: string) => void): Promise<string> => {
  const bin = join(directory, "node_modules/.bin");
  if (existsSync(join(bin, "heroku"))) return bin;
  progress(`installing heroku@${VERSION} from npm into .lab/heroku (about a minute, once)`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), '{"private":true}\n');
  try {
    await execute("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", `heroku@${VERSION}`], {
      cwd: directory,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (thrown) {
    throw new LabError(`The Heroku client cannot be installed from npm: ${messageOf(thrown)}`);
  }
  return bin;
};
