/** What the settings file is made of; every value has been checked. */
export interface Chosen {
  readonly space: string;
  readonly name: string;
  /** "auto" or an address. */
  readonly address: string;
  /** What auto stands for today; undefined when that is not known. */
  readonly ownAddress: string | undefined;
  readonly publicAddress: string | undefined;
  readonly subnets: readonly string[];
  readonly routing: string;
  readonly probeTarget: string | undefined;
}

const probeLines = (target: string | undefined): string[] => [
  "    # Something in the space that answers pings proves that each tunnel passes packets. Without it only counters and",
  "    # events tell a dead tunnel, and later.",
  ...(target === undefined ? ["    # probe:", "    #   target: 10.0.0.10"] : ["    probe:", `      target: ${target}`]),
];

const publicLines = (address: string | undefined): string[] =>
  address === undefined ? [] : ["      # The address under which Heroku sees this gateway.", `      public_address: ${address}`];

/** A settings file with comments, for people to read and change. `date`: "2026-11-22". */
export const settingsText = (chosen: Chosen, date: string): string =>
  [
    `# spacegate's settings, written by \`spacegate setup\` on ${date}.`,
    "# `spacegate schema` describes every key; a running agent takes changes into force when the file is saved.",
    "",
    "heroku:",
    "  # Heroku's API is asked for tunnels and PSKs. The token is not in this file: it is the systemd credential",
    "  # heroku-api-key (/etc/credstore/heroku-api-key), else HEROKU_API_KEY, else in ~/.netrc.",
    "  source: platform-api",
    "",
    "connections:",
    `  - space: ${chosen.space}`,
    `    name: ${chosen.name}`,
    "    local:",
    "      # This gateway's own address towards the internet; auto takes the one that the route to Heroku's VPN gateways uses.",
    `      address: ${chosen.address}${chosen.address === "auto" && chosen.ownAddress ? ` # ${chosen.ownAddress} on ${date}` : ""}`,
    ...publicLines(chosen.publicAddress),
    "      # The networks behind this gateway that the space may reach; each within the connection's routable CIDRs.",
    "      subnets:",
    ...chosen.subnets.map((subnet) => `        - ${subnet}`),
    "    # vti: both tunnels up, routes decide. policy: one tunnel up at a time. auto: vti where the kernel has it.",
    `    routing: ${chosen.routing}`,
    ...probeLines(chosen.probeTarget),
    "",
  ].join("\n");
