import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type StandInState, startPlatformApi } from "../lab/stand-in/platform-api.ts";
import { temporaryDirectory, writeProgram } from "../lib/support.ts";
import { PSKS, TOKEN } from "./support.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Minutes at Heroku are parts of a second here. */
const QUICK = { invisibleMs: 100, pendingMs: 100, provisioningMs: 300, deprovisioningMs: 300 };

/** A stand-in for Heroku that makes connections with the PSKs that no output may have. */
export const herokuWith = async (changes: Partial<StandInState> = {}) => {
  const state: Mutable<StandInState> = {
    token: TOKEN,
    connections: {},
    spaces: { "acme-space": { region: { name: "virginia" } } },
    provisioning: QUICK,
    newTunnels: PSKS.map((psk, place) => ({ ip: ["34.203.187.158", "34.227.70.143"][place], pre_shared_key: psk })),
    ...changes,
  };
  const api = await startPlatformApi({ state });
  onTestFinished(() => api.close());
  return { state, api };
};

/** Answers each line of a batch as iproute2 would on a gateway between 172.16.0.0/24 and the internet. */
const IP = `#!/bin/sh
while read -r line; do
  case "$line" in
    "route get"*) echo '[{"dst":"1.1.1.1","dev":"wan0","prefsrc":"172.31.5.4"}]' ;;
    "route show"*) echo '[{"dst":"default","dev":"wan0"},{"dst":"172.16.0.0/24","dev":"lan0","protocol":"kernel"},{"dst":"172.17.0.0/16","dev":"docker0"}]' ;;
    *) echo '[{"ifname":"lo"}]' ;;
  esac
done
`;

/** A host below a directory: its own `ip`, nothing set up yet. */
export const bareHost = async () => {
  const directory = await temporaryDirectory();
  const [root, bin] = [join(directory, "root"), join(directory, "bin")];
  await mkdir(root);
  await mkdir(bin);
  await writeProgram(bin, "ip", IP);
  const tokenFile = join(directory, "token");
  await writeFile(tokenFile, `${TOKEN}\n`);
  return { root, tokenFile, path: `${bin}:${process.env.PATH}` };
};
