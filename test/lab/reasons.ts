import { systemClock } from "../../agent/lib/clock.ts";
import { steered } from "./failover.ts";
import { untilWhole } from "./health.ts";
import type { Lab } from "./lab.ts";
import { SAMPLE } from "./sample.ts";
import { startSteady } from "./steady.ts";
import { readTold, untilReason } from "./told.ts";

/** One thing that keeps a tunnel from coming up, and how it should be told. */
export interface Break {
  readonly what: string;
  readonly code: string;
  /** In the warning's fix. */
  readonly fix: RegExp;
  /** The cause ends the SAs itself. */
  readonly endsSas?: boolean;
  /** Makes it so; resolves to what undoes it. */
  readonly cause: (lab: Lab, tunnel: 1 | 2) => Promise<() => Promise<void>>;
}

const endSas = (lab: Lab, tunnel: 1 | 2): Promise<unknown> =>
  lab.inGateway(
    ["swanctl", "--terminate", "--ike", `spacegate.${SAMPLE.space}.${SAMPLE.connection}.${tunnel}`, "--force", "--timeout", "1"],
    true,
  );

/** With policy routing a tunnel is tried only while no other works, so there both are broken. */
const brokenTunnels = (lab: Lab): readonly (1 | 2)[] => (lab.routing === "vti" ? [2] : [1, 2]);

/** With policy routing an idle tunnel's last failure is told until it may be tried again; making it carry is quicker. */
const untilForgotten = async (lab: Lab): Promise<void> => {
  await untilWhole(lab, 90);
  if (lab.routing === "vti") return;
  while ((await readTold(lab, 1)).reason !== "") {
    await endSas(lab, 2);
    await untilWhole(lab, 90);
    await lab.sleep(1);
  }
};

const prove = async (lab: Lab, { what, code, fix, cause, endsSas }: Break): Promise<void> => {
  lab.progress(what);
  const tunnels = brokenTunnels(lab);
  const undo: (() => Promise<void>)[] = [];
  for (const tunnel of tunnels) undo.push(await cause(lab, tunnel));
  for (const tunnel of endsSas ? [] : tunnels) await endSas(lab, tunnel);
  const startedAt = systemClock.monotonic();
  const text = await untilReason(lab, tunnels[0] ?? 2, code, lab.routing === "vti" ? fix : undefined);
  const told = ((systemClock.monotonic() - startedAt) / 1000).toFixed(1);
  for (const one of undo) await one();
  const undoneAt = systemClock.monotonic();
  await untilWhole(lab, 90);
  const repaired = ((systemClock.monotonic() - undoneAt) / 1000).toFixed(1);
  lab.findings.notes.push(`${what}: ${code}: ${text} (told after ${told} s; repaired ${repaired} s after the cause was gone)`);
  await untilForgotten(lab);
};

/** Brings about one reason after another; each must be told and then be repaired. */
export const proveReasons = async (lab: Lab, ikeVersion: 1 | 2, breaks: readonly Break[]): Promise<void> => {
  lab.heroku.updateConnection((connection) => ({ ...connection, ike_version: ikeVersion }));
  await startSteady(lab, steered);
  for (const one of breaks) await prove(lab, one);
};
