import { checkEqual } from "../check.ts";
import { untilNoWarning, untilWarning, untilWhole } from "../health.ts";
import { sampleConnection } from "../heroku.ts";
import type { Lab } from "../lab.ts";
import { untilPasses } from "../metrics.ts";
import { checkNoLoss } from "../ping.ts";
import { NEW_PSKS, SAMPLE, TUNNELS } from "../sample.ts";
import type { WireObject } from "../stand-in/state.ts";
import { askSourceNow, startSteady } from "../steady.ts";
import { stepsFromNow, Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

interface BadDetails {
  readonly what: string;
  /** In the warning's text. */
  readonly field: string;
  readonly change: (connection: WireObject) => WireObject;
}

const withTunnel2 =
  (more: WireObject) =>
  (connection: WireObject): WireObject => {
    const [first, second] = connection.tunnels as readonly WireObject[];
    return { ...connection, tunnels: [first, { ...second, ...more }] };
  };

const BAD: readonly BadDetails[] = [
  {
    what: "two tunnels with one address",
    field: "tunnels[1].ip",
    change: withTunnel2({ ip: TUNNELS[0].address }),
  },
  {
    what: "a PSK with a newline",
    field: "tunnels[1].pre_shared_key",
    change: withTunnel2({ pre_shared_key: `${NEW_PSKS[1]}\n: PSK "injected"` }),
  },
  {
    what: "a space that overlaps the local subnet",
    field: "local.subnets",
    change: (connection) => ({ ...connection, space_cidr_block: SAMPLE.localSubnet }),
  },
  {
    what: "a public block as the space's",
    field: "space_cidr_block",
    change: (connection) => ({ ...connection, space_cidr_block: "8.8.8.0/24" }),
  },
];

const serve = (lab: Lab, change: BadDetails["change"]): void => {
  lab.heroku.updateConnection(() => change(sampleConnection()));
  askSourceNow(lab.agent);
};

const refuse = async (lab: Lab, { what, field, change }: BadDetails): Promise<void> => {
  lab.progress(`the API says: ${what}`);
  serve(lab, change);
  await untilWarning(lab, "connection-refused", field);
  await untilPasses(lab, 1);
  serve(lab, (connection) => connection);
  await untilNoWarning(lab, "connection-refused");
};

export const badDetails: Scenario = {
  name: "bad-details",
  title: "Details that cannot be right change no file and no SA, and the warning names the field",
  engines: ["native", "libipsec"],
  run: async (lab) => {
    const { agent } = await startSteady(lab);
    const untouched = await Untouched.since(lab);
    const steps = stepsFromNow(agent);
    const watch = lab.watchPings();
    for (const bad of BAD) await refuse(lab, bad);
    await untilPasses(lab, 1);
    await untouched.check("after bad details");
    checkEqual(steps(), [], "the agent's steps");
    await untilWhole(lab);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while the details were bad");
    lab.findings.notes.push(`refused: ${BAD.map(({ what, field }) => `${what} (${field})`).join("; ")}`);
  },
};
