import { sectionAt, sectionsOf, textAt } from "./message.ts";
import type { ViciMessage } from "./types.ts";

/** What charon complains of, from strongSwan 6.0.3 on. Source: its src/libcharon/plugins/vici/README.md. */
export interface Alert {
  /** "proposal-mismatch-ike", "peer-auth-failed", … */
  readonly type: string;
  /** The conn of the IKE_SA that it is about; undefined when it is about none. */
  readonly conn: string | undefined;
}

/** An alert event; undefined for one without a type. */
export const parseAlert = (message: ViciMessage): Alert | undefined => {
  const type = textAt(message, "type");
  return type === undefined ? undefined : { type, conn: sectionsOf(sectionAt(message, "ike-sa"))[0]?.[0] };
};
