import type { Box } from "./box.ts";

/** First in the agent's PATH; empty unless a scenario asks for a record. */
export const RECORDER_BIN = "/run/recorder";

const CALLS = `${RECORDER_BIN}/calls`;
const ENVIRONMENTS = `${RECORDER_BIN}/environments`;

const WRAPPER = `#!/bin/sh
echo "$*" >>${CALLS}
env >>${ENVIRONMENTS}
exec /usr/sbin/ipsec "$@"
`;

/** From now on every \`ipsec\` that the agent runs is noted, with its environment. */
export const recordIpsec = (box: Box): Promise<void> => box.write(`${RECORDER_BIN}/ipsec`, WRAPPER, 0o755);

/** The arguments of each call, oldest first. */
export const ipsecCalls = async (box: Box): Promise<string[]> =>
  (await box.read(CALLS)).split("\n").filter((line) => line !== "");

/** "NAME=value" lines of all calls. */
export const ipsecEnvironments = (box: Box): Promise<string> => box.read(ENVIRONMENTS);
