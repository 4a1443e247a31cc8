import { type Cidr, cidrContains, cidrsOverlap, isPrivateBlock, isPublicAddress, parseCidr } from "../lib/ip.ts";
import { type Connection, connectionKey, expectedAddresses, type TunnelDetails } from "../model/connection.ts";
import type { HostFacts } from "../model/observed.ts";
import type { ConnectionSettings } from "../model/settings.ts";

/** Something in a connection's details that does not fit; an error keeps the connection from being planned. */
export interface Problem {
  readonly connection: string;
  readonly severity: "error" | "warning";
  readonly field: string;
  /** "" for secrets. */
  readonly value: string;
  readonly message: string;
  readonly fix: string;
}

type Finding = Omit<Problem, "connection">;

const error = (field: string, value: string, message: string, fix: string): Finding => ({
  severity: "error",
  field,
  value,
  message,
  fix,
});

const warning = (field: string, value: string, message: string, fix: string): Finding => ({
  severity: "warning",
  field,
  value,
  message,
  fix,
});

const block = (text: string): Cidr => parseCidr(text) as Cidr;

/** Blocks that Private Spaces keep for themselves. Source: Dev Center, "Private Space VPN Connections", Constraints. */
const DOCKER_BLOCK = block("172.17.0.0/16");
const DATA_SERVICES_BLOCK = block("10.1.0.0/16");

/** What AWS accepts, and so what Heroku makes: anything else did not come from Heroku. Length is looked at apart. */
const PSK_CHARSET = /^[\x21-\x7e]+$/;
const MAX_PSK_LENGTH = 256;

const spaceFindings = (connection: Connection): Finding[] => {
  const space = parseCidr(connection.spaceCidr);
  const fix = "Look at the connection with `heroku spaces:vpn:info --json`; if Heroku really says so, ask Heroku's support.";
  if (!space) return [error("space_cidr_block", connection.spaceCidr, "is not an IPv4 block such as 10.0.0.0/16", fix)];
  if (!isPrivateBlock(space)) return [error("space_cidr_block", connection.spaceCidr, "is not within RFC 1918", fix)];
  return [];
};

const subnetFindings = (subnet: string, connection: Connection): Finding[] => {
  const local = parseCidr(subnet);
  const space = parseCidr(connection.spaceCidr);
  if (!local || !space) return [];
  const fix = "Renumber the local network, or take it out of local.subnets.";
  const findings: Finding[] = [];
  if (cidrsOverlap(local, space))
    findings.push(error("local.subnets", subnet, `overlaps the space's block ${connection.spaceCidr}`, fix));
  if (cidrsOverlap(local, DOCKER_BLOCK))
    findings.push(error("local.subnets", subnet, "overlaps 172.17.0.0/16, which every Private Space uses", fix));
  if (cidrsOverlap(local, DATA_SERVICES_BLOCK))
    findings.push(warning("local.subnets", subnet, "overlaps 10.1.0.0/16, which the space uses once it has data services", fix));
  return findings;
};

const routableFindings = (subnet: string, connection: Connection): Finding[] => {
  const local = parseCidr(subnet);
  const routable = connection.routableCidrs.flatMap((text) => parseCidr(text) ?? []);
  if (!local || routable.some((outer) => cidrContains(outer, local))) return [];
  return [
    error(
      "local.subnets",
      subnet,
      `is not within the connection's routable_cidrs (${connection.routableCidrs.join(", ") || "none"}), so the space has no route to it`,
      "Take it out of local.subnets, or create the VPN connection again with it in --cidrs.",
    ),
  ];
};

const pskFindings = (tunnel: TunnelDetails): Finding[] => {
  const field = `tunnels[${tunnel.index - 1}].pre_shared_key`;
  const psk = tunnel.psk.reveal();
  const fix = "Heroku makes the PSK: fetch the details again, and if it stays so, destroy and create the connection.";
  if (psk.length === 0) return [error(field, "", "is empty", fix)];
  if (psk.length > MAX_PSK_LENGTH)
    return [error(field, "", `is ${psk.length} characters long, ${MAX_PSK_LENGTH} at most are taken`, fix)];
  if (!PSK_CHARSET.test(psk)) return [error(field, "", "has characters that are not printable ASCII", fix)];
  return [];
};

const tunnelFindings = (tunnel: TunnelDetails): Finding[] => {
  const field = `tunnels[${tunnel.index - 1}]`;
  const findings = pskFindings(tunnel);
  if (!isPublicAddress(tunnel.ip))
    findings.push(
      error(
        `${field}.ip`,
        tunnel.ip,
        "is not a public IPv4 address",
        "Look at the connection with `heroku spaces:vpn:info --json`.",
      ),
    );
  return findings;
};

const addressFindings = (connection: Connection, local: ConnectionSettings["local"], facts: HostFacts): Finding[] => {
  const known = local.public_address ? [local.public_address] : facts.addresses.filter(isPublicAddress);
  const wrong = expectedAddresses(connection).filter(({ address }) => known.length > 0 && !known.includes(address));
  return wrong.map(({ field, address }) =>
    warning(
      field,
      address,
      `is where Heroku expects this gateway, but its public address is ${known.join(" or ")}`,
      "Give this gateway that address (an Elastic IP), or create the VPN connection again with --ip set to the right one.",
    ),
  );
};

const pairFindings = (connection: Connection): Finding[] => {
  const [first, second] = connection.tunnels;
  if (!first || !second || first.ip !== second.ip) return [];
  return [
    error(
      "tunnels[1].ip",
      second.ip,
      "is the same address as the first tunnel's",
      "Fetch the details again; Heroku gives two addresses.",
    ),
  ];
};

const findings = (connection: Connection, settings: ConnectionSettings, facts: HostFacts): Finding[] => [
  ...spaceFindings(connection),
  ...settings.local.subnets.flatMap((subnet) => [...subnetFindings(subnet, connection), ...routableFindings(subnet, connection)]),
  ...pairFindings(connection),
  ...connection.tunnels.flatMap(tunnelFindings),
  ...addressFindings(connection, settings.local, facts),
];

/** Everything in one connection's details that does not fit these settings and this host. */
export const validateConnection = (connection: Connection, settings: ConnectionSettings, facts: HostFacts): Problem[] =>
  findings(connection, settings, facts).map((finding) => ({ connection: connectionKey(connection), ...finding }));

interface Placed {
  readonly connection: Connection;
  readonly space: Cidr;
}

const overlapProblem = (later: Placed, earlier: Placed): Problem => ({
  connection: connectionKey(later.connection),
  ...error(
    "space_cidr_block",
    later.space.text,
    `overlaps ${earlier.space.text} of ${connectionKey(earlier.connection)}: one gateway cannot reach both`,
    "Give one of the two connections a gateway of its own.",
  ),
});

/**
 * Space blocks that overlap between connections: one gateway could not tell where a packet belongs.
 * Blocks nest or are apart, so in the order of their first address a block overlaps only the newest one that still reaches it.
 */
export const validateTogether = (connections: readonly Connection[]): Problem[] => {
  const placed = connections.flatMap((connection): Placed[] => {
    const space = parseCidr(connection.spaceCidr);
    return space ? [{ connection, space }] : [];
  });
  placed.sort((a, b) => a.space.base - b.space.base || a.space.bits - b.space.bits);
  const problems: Problem[] = [];
  let reaching: Placed | undefined;
  for (const next of placed) {
    if (reaching && cidrsOverlap(reaching.space, next.space)) problems.push(overlapProblem(next, reaching));
    else reaching = next;
  }
  return problems;
};
