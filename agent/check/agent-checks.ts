import { connectionKey } from "../model/connection.ts";
import { LOCAL_ADDRESS_GONE } from "../model/local-address.ts";
import { NO_ANSWER_500, NO_ANSWER_4500 } from "../model/no-answer.ts";
import { type ConnectionStatus, isUp, type Status, type TunnelStatus, type Warning } from "../model/status.ts";
import { verdictOf } from "./borrowed.ts";
import { failed, ok, skipped, type Verdict } from "./result.ts";
import { type CheckSpec, defineCheck } from "./spec.ts";

const TUNNEL_DOWN = "tunnel-down";

/** With policy routing the tunnel that does not carry is down on purpose, until no other works. */
const standsBy = ({ routing, carrier, status }: ConnectionStatus, { index }: TunnelStatus): boolean =>
  routing === "policy" && carrier !== index && status !== "down";

const tunnelVerdict = (connection: ConnectionStatus, tunnel: TunnelStatus, warnings: readonly Warning[]): Verdict => {
  const about = { connection: connectionKey(connection), tunnel: tunnel.index };
  const { address, reason, ike, child } = tunnel;
  if (isUp(tunnel)) return ok(tunnel.passing ? `${address}, passing` : `${address}, IKE ${ike}, child ${child}`, about);
  if (connection.status === "waiting") return skipped("The connection's details are not known yet.", undefined, about);
  if (standsBy(connection, tunnel)) return ok(`${address} stands by`, about);
  // The reason is known at once, the warning comes only when it lasts.
  if (reason) return { ...failed(reason.text, reason.fix, about), as: { code: reason.code } };
  const warning = warnings.find(
    (one) => one.code === TUNNEL_DOWN && one.connection === about.connection && one.tunnel === tunnel.index,
  );
  return warning ? verdictOf(warning) : skipped(`${address} is coming up.`, undefined, about);
};

const tunnelVerdicts = ({ connections, warnings }: Status): Verdict[] =>
  connections.flatMap((connection) => connection.tunnels.map((tunnel) => tunnelVerdict(connection, tunnel, warnings)));

export const AGENT_CHECKS: readonly CheckSpec[] = [
  defineCheck({
    code: TUNNEL_DOWN,
    title: "Tunnel is up",
    group: "Tunnels",
    explainedBy: ["charon-absent", LOCAL_ADDRESS_GONE.code, NO_ANSWER_500.code, NO_ANSWER_4500.code],
    needs: ["agent"],
    judge: ({ agent }) => tunnelVerdicts(agent),
  }),
  defineCheck({
    code: "agent-warns",
    title: "Agent has no other warnings",
    group: "Tunnels",
    needs: ["agent"],
    judge: ({ agent }) => {
      const warnings = agent.warnings.filter(({ code }) => code !== TUNNEL_DOWN);
      if (warnings.length === 0) return [ok(agent.connections.map((one) => `${connectionKey(one)} is ${one.status}`).join(", "))];
      return warnings.map((warning) => ({ ...verdictOf(warning), as: { code: warning.code, title: warning.title } }));
    },
  }),
];
