import { messageOf, SpacegateError } from "../lib/errors.ts";
import { numberAt, textAt } from "./message.ts";
import type { ViciMessage } from "./types.ts";

/** Bytes that are no VICI: `what` completes "charon's control socket sent …". */
export const protocolError = (what: string): SpacegateError =>
  new SpacegateError("VICI_PROTOCOL", `charon's control socket sent ${what}`, {
    fix: "Make sure that nothing but strongSwan's charon 5.9 or newer serves the VICI socket; the agent connects anew by itself.",
  });

/** The socket cannot be used: absent, refused, or closed by the other side. */
export const unreachableError = (message: string, cause?: unknown): SpacegateError =>
  new SpacegateError("VICI_UNREACHABLE", message, {
    fix:
      "Is strongswan-starter running? `systemctl status strongswan-starter` tells. " +
      "If it is, the vici plugin is missing: install the package strongswan-swanctl (Debian, Ubuntu).",
    cause,
  });

/** charon understood the command and refused it; `reply` has its reason, and for some commands how many SAs matched. */
export const refusal = (command: string, reply: ViciMessage): SpacegateError => {
  const reason = textAt(reply, "errmsg") ?? "no reason given";
  const matches = numberAt(reply, "matches");
  return new SpacegateError("VICI_COMMAND_FAILED", `charon refused ${command}: ${reason}`, {
    fix: "charon's log says more: journalctl -u strongswan-starter.",
    details: { command, reason, ...(matches === undefined ? {} : { matches }) },
  });
};

/** This charon does not know the command, or the event that carries its results. */
export const unknownError = (command: string): SpacegateError =>
  new SpacegateError("VICI_COMMAND_FAILED", `charon does not know the command ${command}`, {
    fix: "Use strongSwan 5.9 or newer.",
    details: { command, reason: "unknown command" },
  });

export const timeoutError = (command: string, timeoutMs: number): SpacegateError =>
  new SpacegateError("COMMAND_TIMEOUT", `charon did not answer ${command} within ${timeoutMs} ms`, {
    fix: "If this persists charon hangs: look at its log; restarting strongswan-starter drops every tunnel for some seconds.",
    details: { command, timeoutMs },
  });

/** A reason as the rest of the room passes it on: the caller's own abort, and bugs, become VICI_UNREACHABLE with their cause. */
export const asSpacegateError = (reason: unknown): SpacegateError =>
  reason instanceof SpacegateError
    ? reason
    : unreachableError(`the connection to charon was given up: ${messageOf(reason)}`, reason);
