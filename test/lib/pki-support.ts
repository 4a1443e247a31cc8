import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../agent/lib/clock.ts";
import type { Identity } from "../../agent/lib/pki.ts";
import { PrivateCa } from "../../agent/lib/pki-store.ts";
import { temporaryDirectory } from "./support.ts";

export const DAY_MS = 86_400_000;

/** The real time, shifted by whole days: certificates are judged by real clocks. */
export class ShiftedClock implements Pick<Clock, "now"> {
  days = 0;

  now(): number {
    return Date.now() + this.days * DAY_MS;
  }
}

export const privateCa = async (clock: Pick<Clock, "now"> = new ShiftedClock(), directory?: string) => {
  const place = directory ?? join(await temporaryDirectory(), "tls");
  return { directory: place, ca: new PrivateCa({ directory: place, clock, hostName: "gw" }) };
};

export const x509 = ({ certificate }: Identity): X509Certificate => new X509Certificate(certificate);

/** Days from now until it ends, rounded. */
export const daysLeft = (identity: Identity): number => Math.round((x509(identity).validToDate.getTime() - Date.now()) / DAY_MS);
