import { systemClock } from "../../agent/lib/clock.ts";
import { PrivateCa } from "../../agent/lib/pki-store.ts";

/* Prints the certificate of the private CA in the directory, and makes it when there is none. */

const [, , directory = ""] = process.argv;
const ca = new PrivateCa({ directory, clock: systemClock, hostName: "gw" });
process.stdout.write((await ca.authority()).certificate);
