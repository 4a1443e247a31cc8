import { connectionKey } from "../model/connection.ts";
import type { Status, Warning } from "../model/status.ts";
import { verdictOf } from "./borrowed.ts";
import { ok, type Verdict } from "./result.ts";
import { type CheckSpec, defineCheck } from "./spec.ts";

const reasonOf = (status: Status, { connection, tunnel }: Warning) =>
  status.connections.find((one) => connectionKey(one) === connection)?.tunnels.find(({ index }) => index === tunnel)?.reason;

/** A tunnel that is down is told by the reason for it. */
const told = (status: Status, warning: Warning): Verdict => {
  const verdict = verdictOf(warning);
  const reason = warning.code === "tunnel-down" ? reasonOf(status, warning) : undefined;
  if (!reason) return { ...verdict, as: { code: warning.code, title: warning.title } };
  return { ...verdict, text: reason.text, fix: reason.fix, as: { code: reason.code, title: warning.title } };
};

export const AGENT_CHECKS: readonly CheckSpec[] = [
  defineCheck({
    code: "agent-warns",
    title: "The running agent has no warnings",
    group: "Tunnels",
    needs: ["agent"],
    judge: ({ agent }) =>
      agent.warnings.length === 0
        ? [ok(agent.connections.map((one) => `${connectionKey(one)} is ${one.status}`).join(", "))]
        : agent.warnings.map((warning) => told(agent, warning)),
  }),
];
