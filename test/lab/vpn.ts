import { agentCommand, agentEnvironment } from "./agent.ts";
import type { Lab } from "./lab.ts";
import { SAMPLE, TUNNELS } from "./sample.ts";
import type { WireObject } from "./stand-in/state.ts";

const CONFIG = "/etc/spacegate/config.yaml";

/** `spacegate vpn VERB office --space acme-space …`, with short pauses between questions to Heroku. */
export const vpnCommand = (verb: string, ...options: readonly string[]): string[] => {
  const [node = "", program = ""] = agentCommand("vpn");
  return [node, program, "vpn", verb, SAMPLE.connection, "--space", SAMPLE.space, "--config", CONFIG, ...options];
};

/** What the commands of these scenarios get of the environment; without `token` they must find it themselves. */
export const vpnEnvironment = (lab: Lab, token = true): Record<string, string> => {
  const { HEROKU_API_KEY, ...others } = agentEnvironment(lab.heroku, lab.options);
  return token && HEROKU_API_KEY !== undefined ? { ...others, HEROKU_API_KEY } : others;
};

/** The connection as the stand-in shows it now; undefined while it is not found. */
export const atHeroku = async (lab: Lab): Promise<WireObject | undefined> => {
  const answer = await fetch(`${lab.heroku.url}/spaces/${SAMPLE.space}/vpn-connections/${SAMPLE.connection}`, {
    headers: { accept: "application/vnd.heroku+json; version=3", authorization: `Bearer ${SAMPLE.token}` },
  });
  return answer.ok ? ((await answer.json()) as WireObject) : undefined;
};

/** A space that has no connection yet; the one that will be made ends at the lab's VPN gateways. */
export const emptySpace = (lab: Lab): void =>
  lab.heroku.update((state) => ({
    ...state,
    connections: {},
    spaces: { [SAMPLE.space]: {} },
    newTunnels: TUNNELS.map(({ address, psk }) => ({ ip: address, pre_shared_key: psk, status: "UP" })),
  }));

export const TOKEN_FILE = "/run/home/token";

/** What somebody who has nothing but a token and a space says to `spacegate setup`. */
export const setupOptions = (lab: Lab): string[] => [
  ...["--token-file", TOKEN_FILE, "--space", SAMPLE.space, "--connection", SAMPLE.connection, "--create"],
  ...["--subnets", SAMPLE.localSubnet, "--routing", lab.routing, "--probe-target", SAMPLE.dyno, "--poll", "1s", "--no-check"],
];
