import { access } from "node:fs/promises";
import type { Clock } from "../lib/clock.ts";
import { SpacegateError } from "../lib/errors.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import { connDifference } from "../model/loaded.ts";
import type { ObservedConn } from "../model/observed.ts";
import { type CommandRunner, runOrFail } from "./command.ts";

/** charon's part in taking a configuration. */
export interface ConnTable {
  listConns(): Promise<readonly ObservedConn[]>;
  loadConn(name: string, conn: ProposalConn): Promise<void>;
  unloadConn(name: string): Promise<void>;
}

/** swanctl.conf's keys, as far as a proposal needs them. */
type ProposalConn = {
  readonly version: string;
  readonly remote_addrs: readonly string[];
  readonly proposals: readonly string[];
  readonly children: { readonly check: { readonly esp_proposals: readonly string[] } };
};

export interface CharonDeps {
  readonly commands: CommandRunner;
  readonly conns: ConnTable;
  readonly clock: Clock;
  /** charon's log lines since a monotonic moment, oldest first. */
  readonly linesSince: (moment: number) => readonly string[];
}

const COMMAND_MS = 10_000;
const TAKE_MS = 5000;
const LOOK_MS = 20;
const START_MS = 10_000;
const RESTART_MS = 30_000;
const CHECK_CONN = "spacegate-proposal-check";

const isRefusal = (thrown: unknown): thrown is SpacegateError =>
  thrown instanceof SpacegateError && thrown.code === "VICI_COMMAND_FAILED";

/** Has charon parse the proposals through a conn that is thrown away. Rejects with CONFIG_REJECTED. */
export const checkProposals = async ({ conns }: CharonDeps, tunnel: DesiredTunnel): Promise<void> => {
  const conn = {
    version: String(tunnel.ikeVersion),
    remote_addrs: ["192.0.2.1"],
    proposals: [tunnel.ikeProposal],
    children: { check: { esp_proposals: [tunnel.espProposal] } },
  };
  try {
    await conns.loadConn(CHECK_CONN, conn);
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    throw new SpacegateError(
      "CONFIG_REJECTED",
      `charon does not take the proposals ike=${tunnel.ikeProposal}, esp=${tunnel.espProposal}: ${String(thrown.details.reason)}`,
      { fix: "Correct connections[].proposals in the settings, for example aes256-sha256-modp2048.", cause: thrown },
    );
  }
  await conns.unloadConn(CHECK_CONN).catch((thrown) => {
    // Somebody reloaded charon meanwhile: the conn is gone, as it should be.
    if (!isRefusal(thrown)) throw thrown;
  });
};

const differences = (tunnels: readonly DesiredTunnel[], conns: readonly ObservedConn[]): string[] => {
  const held = new Map(conns.map((conn) => [conn.name, conn]));
  return tunnels.flatMap((tunnel) => {
    const difference = connDifference(tunnel, held.get(tunnel.conn));
    return difference === "" ? [] : [`${tunnel.conn}: ${difference}`];
  });
};

const dropped = (wrong: readonly string[], lines: readonly string[]): SpacegateError => {
  const words = lines.filter((line) => /not recognized|skipped|invalid|failed|error|discarded|unable/i.test(line)).slice(-3);
  return new SpacegateError(
    "CONN_DROPPED",
    [`charon did not take what was rendered. ${wrong.join("; ")}`, ...words].join(" | "),
    {
      fix: "Look at charon's words above: mostly a proposal or an address. The tunnels that are up stay up.",
      details: { wrong, lines: words },
    },
  );
};

/** What is wrong with charon's conns; where it cannot be asked, why not. */
const look = async (conns: ConnTable, tunnels: readonly DesiredTunnel[]): Promise<readonly string[] | SpacegateError> => {
  try {
    return differences(tunnels, await conns.listConns());
  } catch (thrown) {
    if (thrown instanceof SpacegateError) return thrown;
    throw thrown;
  }
};

/** Waits until charon holds what was rendered. Rejects with CONN_DROPPED and charon's own words, or as `listConns` does. */
const untilHeld = async (
  { conns, clock, linesSince }: CharonDeps,
  tunnels: readonly DesiredTunnel[],
  limitMs: number,
): Promise<void> => {
  const started = clock.monotonic();
  for (;;) {
    const wrong = await look(conns, tunnels);
    // While charon starts it cannot be asked.
    const isUnasked = wrong instanceof SpacegateError;
    if (!isUnasked && wrong.length === 0) return;
    if (clock.monotonic() - started > limitMs) throw isUnasked ? wrong : dropped(wrong, linesSince(started));
    await clock.sleep(LOOK_MS);
  }
};

/** `ipsec update`, which only signals starter: the conns arrive a moment later. Rejects with CONN_DROPPED. */
export const updateConns = async (deps: CharonDeps, tunnels: readonly DesiredTunnel[]): Promise<void> => {
  await runOrFail(deps.commands, "ipsec", ["update"], COMMAND_MS);
  await untilHeld(deps, tunnels, TAKE_MS);
};

/** `ipsec rereadsecrets`; a line that charon cannot read discards the rest of the file, and only its log says so. */
export const rereadSecrets = async ({ commands, clock, linesSince }: CharonDeps): Promise<void> => {
  const started = clock.monotonic();
  await runOrFail(commands, "ipsec", ["rereadsecrets"], COMMAND_MS);
  const wrong = linesSince(started).filter((line) => /secrets.*(line \d+|failed|expected|missing|token)|line \d+:/i.test(line));
  if (wrong.length === 0) return;
  throw new SpacegateError("CONN_DROPPED", `charon could not read ipsec.secrets: ${wrong.join(" | ")}`, {
    fix: "Correct or remove /etc/spacegate/templates/ipsec.secrets.hbs; with the built-in template this is a bug worth reporting.",
  });
};

/** Starts strongSwan where no init system does, and waits until it holds what was rendered. Rejects with CONN_DROPPED. */
export const startCharon = async (deps: CharonDeps, tunnels: readonly DesiredTunnel[]): Promise<void> => {
  await runOrFail(deps.commands, "ipsec", ["start"], COMMAND_MS);
  try {
    await untilHeld(deps, tunnels, START_MS);
  } catch (thrown) {
    // A starter that met the dying charon's process waits for it for ever, and `ipsec start` leaves it alone.
    if (thrown instanceof SpacegateError && thrown.code === "VICI_UNREACHABLE")
      await deps.commands.run("ipsec", ["stop"], RESTART_MS);
    throw thrown;
  }
};

const underSystemd = (): Promise<boolean> =>
  access("/run/systemd/system").then(
    () => true,
    () => false,
  );

/** Only called while no tunnel is up. Rejects with CONN_DROPPED. */
export const restartCharon = async (deps: CharonDeps, tunnels: readonly DesiredTunnel[]): Promise<void> => {
  if (await underSystemd()) await runOrFail(deps.commands, "systemctl", ["restart", "strongswan-starter.service"], RESTART_MS);
  else {
    await runOrFail(deps.commands, "ipsec", ["stop"], RESTART_MS);
    await runOrFail(deps.commands, "ipsec", ["start"], COMMAND_MS);
  }
  await untilHeld(deps, tunnels, START_MS);
};
