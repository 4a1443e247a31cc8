import { check, waitUntil } from "../check.ts";
import { steered } from "../failover.ts";
import { drop } from "../faults.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { changePeerConf } from "../peer-conf.ts";
import { changePeerPsk } from "../peers.ts";
import { NEW_PSKS, SAMPLE, TUNNELS } from "../sample.ts";
import { failures, runCheck, untilNothingFails } from "../spacegate-check.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

type Undo = () => Promise<unknown>;

/** A fault of the way to Heroku, as whoever is on call meets it. */
interface Fault {
  readonly what: string;
  readonly code: string;
  readonly fix: RegExp;
  /** /healthz does not tell what keeps a tunnel down that only stands by. */
  readonly standby?: boolean;
  readonly cause: (lab: Lab) => Promise<Undo>;
}

const BOTH = [1, 2] as const;

const endSas = (lab: Lab, tunnel: 1 | 2): Promise<unknown> =>
  lab.inGateway(
    ["swanctl", "--terminate", "--ike", `spacegate.${SAMPLE.space}.${SAMPLE.connection}.${tunnel}`, "--force", "--timeout", "1"],
    true,
  );

const onBoth =
  (cause: (lab: Lab, tunnel: 1 | 2) => Promise<Undo>): Fault["cause"] =>
  async (lab) => {
    const undo: Undo[] = [];
    for (const tunnel of BOTH) undo.push(await cause(lab, tunnel));
    for (const tunnel of BOTH) await endSas(lab, tunnel);
    return async () => {
      for (const one of undo) await one();
    };
  };

const cut = async (lab: Lab, tunnel: 1 | 2): Promise<Undo> => {
  await lab.cut(tunnel);
  return () => lab.restore(tunnel);
};

const FAULTS: readonly Fault[] = [
  {
    what: "the VPN gateways have other PSKs",
    code: "wrong-psk",
    fix: /SIGHUP/,
    cause: onBoth(async (lab, tunnel) => {
      const own = TUNNELS[tunnel - 1] as (typeof TUNNELS)[number];
      await changePeerPsk(lab.peer(tunnel), own, NEW_PSKS[0], lab.processes);
      return () => changePeerPsk(lab.peer(tunnel), own, own.psk, lab.processes);
    }),
  },
  {
    what: "the VPN gateways have another network for this side",
    code: "selector-mismatch",
    fix: /routable_cidrs/,
    cause: onBoth((lab, tunnel) => changePeerConf(lab, tunnel, "rightsubnet", "172.18.0.0/16")),
  },
  { what: "UDP is blocked", code: "no-answer-500", fix: /Open UDP 500 and 4500/, cause: onBoth(cut) },
  {
    what: "UDP 4500 is blocked",
    code: "no-answer-4500",
    fix: /Open UDP 4500/,
    cause: onBoth(async (lab, tunnel) => {
      await drop(lab, tunnel, "udp-4500");
      return () => drop(lab, tunnel, "udp-4500", false);
    }),
  },
  {
    what: "one tunnel is down",
    code: "no-answer-500 1",
    fix: /Open UDP 500 and 4500/,
    standby: true,
    cause: async (lab) => {
      const undo = await cut(lab, 1);
      await endSas(lab, 1);
      return undo;
    },
  },
];

/** /healthz has the sentence, in a tunnel's reason or in a warning. */
const untilHealthzSays = (lab: Lab, code: string): Promise<unknown> =>
  waitUntil(`/healthz to say ${code}`, 60, async () => {
    lab.checkAgentRuns();
    const body = (await lab.http("/healthz"))?.body ?? "";
    return body.includes(`"${code}: `) ? { done: true, value: undefined } : { done: false, seen: body };
  });

const prove = async (lab: Lab, { what, code, fix, standby, cause }: Fault): Promise<void> => {
  lab.progress(what);
  const undo = await cause(lab);
  if (!standby) await untilHealthzSays(lab, code);
  const checked = await runCheck(lab);
  const told = checked.results.filter((one) => one.status === "failed" && `${one.code} ${one.tunnel}`.startsWith(code));
  check(told.length > 0, `spacegate check should name ${code}, it fails for: ${failures(checked).join(", ")}`);
  for (const one of told) check(fix.test(one.fix ?? ""), `the fix should be like ${fix.source}, it is: ${one.fix}`);
  const body = (await lab.http("/healthz"))?.body ?? "";
  const same = told.filter(({ text }) => body.includes(text));
  check(standby || same.length > 0, `/healthz should say "${told[0]?.text}" as well: ${body}`);
  lab.findings.notes.push(`${what}: ${failures(checked).join(", ")}: ${told[0]?.text}`);
  await undo();
  await untilWhole(lab, 90);
};

export const checkOnCall: Scenario = {
  name: "check-on-call",
  title: "With the tunnels down, spacegate check names the cause that /healthz names, and finds nothing once it is gone",
  engines: ["libipsec"],
  timeoutSeconds: 400,
  run: async (lab) => {
    await startSteady(lab, steered);
    for (const fault of FAULTS) await prove(lab, fault);
    await untilNothingFails(lab);
  },
};
