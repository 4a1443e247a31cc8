import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { agentCommand } from "../agent.ts";
import { checkEqual } from "../check.ts";
import type { Lab } from "../lab.ts";
import { secretsIn } from "../secrets.ts";
import type { Room } from "./room.ts";
import { DATA_SECRETS } from "./sample.ts";

const isOfData = (text: string): boolean => Object.values(DATA_SECRETS).some((secret) => text.includes(secret));

const filesOf = (lab: Lab, inside: string): string[] =>
  readdirSync(lab.gateway.path(inside), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Everything in a bundle for support; tar has names and contents as they are. */
const bundleText = async (lab: Lab, room: Room): Promise<string> => {
  const out = "/run/home/bundle.tar.gz";
  await room.inGateway(agentCommand("bundle", "--out", out, "--without", "check.json"));
  return gunzipSync(readFileSync(lab.gateway.path(out))).toString("utf8");
};

/** The agent proves links with a data service's password and AWS's key: neither is in a file of the gateway or in a bundle. */
export const checkNotKept = async (lab: Lab, room: Room): Promise<void> => {
  const found = ["/etc", "/var/lib", "/run"]
    .flatMap((inside) => filesOf(lab, inside))
    .filter((file) => isOfData(readFileSync(file, "latin1")));
  checkEqual(found, [], "files of the gateway with a password of a link");
  checkEqual(secretsIn(await bundleText(lab, room)), [], "secrets in a bundle");
};
