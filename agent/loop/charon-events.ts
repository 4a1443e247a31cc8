import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { LogLines } from "../observe/log-lines.ts";
import { parseAlert } from "../vici/alert.ts";
import { textAt } from "../vici/message.ts";
import { parseReplacedChildren, parseUpdown } from "../vici/sas.ts";
import type { WatchListener } from "../vici/watch.ts";
import type { Gateway } from "./gateway.ts";

/** What hears of charon's events. */
export type Hearer = Pick<Gateway, "requestPass" | "requestLook" | "charonLost" | "childReplaced" | "heard">;

export interface CharonEventsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: LogLines;
  /** charon answers again. */
  readonly onReturn: () => void;
  /** charon complains of something about a conn; the types are in strongSwan's vici/README.md. */
  readonly onAlert: (conn: string, type: string) => void;
}

const UPDOWN: Readonly<Record<string, "ike" | "child">> = { "ike-updown": "ike", "child-updown": "child" };

/** What charon's events make the gateway do: look again, mostly. What an event says is only quick: the look is right. */
export const charonEvents = (gateway: Hearer, deps: CharonEventsDeps): Required<WatchListener> => {
  const { clock, log, lines } = deps;
  return {
    onUp: () => {
      log.info({}, "charon answers");
      deps.onReturn();
      gateway.requestPass();
    },
    onDown: (reason) => {
      log.warn({ code: reason.code }, reason.message);
      gateway.charonLost(reason.message);
    },
    onEvent: (name, message) => {
      if (name === "log") return lines.add(textAt(message, "msg") ?? "", clock.monotonic());
      if (name === "alert") {
        const alert = parseAlert(message);
        return alert?.conn === undefined ? undefined : deps.onAlert(alert.conn, alert.type);
      }
      if (name === "child-rekey") for (const child of parseReplacedChildren(message)) gateway.childReplaced(child);
      const kind = UPDOWN[name];
      if (kind) gateway.heard({ kind, ...parseUpdown(message) });
      gateway.requestLook();
    },
  };
};
