import { SpacegateError } from "../lib/errors.ts";
import type { Secret } from "../lib/secret.ts";
import { type Connection, connectionKey } from "../model/connection.ts";
import type { Desired, DesiredFile, DesiredTunnel } from "../model/desired.ts";
import { connDifference } from "../model/loaded.ts";
import type { HostFacts, Observed } from "../model/observed.ts";
import type { StrongswanPaths } from "../model/paths.ts";
import type { Settings } from "../model/settings.ts";
import { isAside, type Step } from "../model/step.ts";
import { type Carriers, type DesiredResult, desire } from "../plan/desired.ts";
import { keptName } from "../plan/file-steps.ts";
import { desireFirewall } from "../plan/firewall.ts";
import type { WantedFirewall } from "../plan/firewall-steps.ts";
import { planSteps } from "../plan/steps.ts";
import type { Attempt } from "../plan/tunnel-steps.ts";
import { renderFiles } from "../render/files.ts";
import { renderFirewall } from "../render/firewall.ts";
import type { TemplateTexts } from "../render/templates.ts";

/** What a pass goes by. */
export interface PassInput {
  readonly settings: Settings;
  readonly connections: readonly Connection[];
  readonly facts: HostFacts;
  readonly carriers: Carriers;
  readonly attempts: Readonly<Record<string, Attempt>>;
  readonly passing: (conn: string) => boolean | null;
  readonly hopeless: ReadonlySet<string>;
  /** Tunnels that had better stay down for now. */
  readonly keptDown: (conn: string) => boolean;
  /** No tunnel is to be up. */
  readonly closed?: boolean;
  readonly templates: TemplateTexts;
  /** Keyed: of PSKs and of file texts. */
  readonly fingerprint: (secret: Secret) => string;
  readonly standalone: boolean;
  readonly paths: StrongswanPaths;
  /** Monotonic milliseconds. */
  readonly now: number;
}

/** Looks at the host; `paths` are the files that matter. */
export type Observe = (desired: Desired, paths: readonly string[]) => Promise<Observed>;

export interface PassPlan {
  readonly result: DesiredResult;
  readonly files: readonly DesiredFile[];
  readonly firewall: WantedFirewall;
  /** Why there is no ruleset to load. */
  readonly firewallError?: SpacegateError;
  readonly observed: Observed;
  readonly steps: readonly Step[];
  readonly filesHeld: boolean;
  readonly changing: readonly string[];
  /** Conns that the pass makes anew because nothing came back through them. */
  readonly hopeless: readonly string[];
}

const carrierConns = (tunnels: readonly DesiredTunnel[], carriers: Carriers): ReadonlySet<string> =>
  new Set(tunnels.filter((tunnel) => (carriers[connectionKey(tunnel.ref)] ?? 1) === tunnel.index).map((tunnel) => tunnel.conn));

const pathsOf = (files: readonly DesiredFile[], paths: StrongswanPaths): string[] => {
  const all = [...files.map((file) => file.path), paths.conf, paths.secrets];
  return [...new Set([...all, ...all.map(keptName)])];
};

/** The firewall must keep no tunnel from coming up, so a template that cannot be filled in holds up nothing else. */
const wantFirewall = (
  input: PassInput,
  result: DesiredResult,
  observed: Observed,
): Pick<PassPlan, "firewall" | "firewallError"> => {
  const { settings, connections, templates } = input;
  if (!settings.firewall.manage) return { firewall: "off" };
  if (result.desired.tunnels.length === 0) return { firewall: "held" };
  const desired = desireFirewall({ settings, connections, result, observed });
  try {
    return { firewall: { desired, text: renderFirewall(desired, templates["firewall.nft"]) } };
  } catch (thrown) {
    return { firewall: "held", firewallError: asError(thrown) };
  }
};

/** Everything before the first change: what should be, what is, and the steps between. */
export const preparePass = async (input: PassInput, observe: Observe): Promise<PassPlan> => {
  const result = desire(input.settings, input.connections, input.facts, input.carriers);
  const files = renderFiles(result.desired, input.templates, input.fingerprint, input.paths);
  const observed = await observe(result.desired, pathsOf(files, input.paths));
  const wanted = wantFirewall(input, result, observed);
  const carriers = carrierConns(result.desired.tunnels, input.carriers);
  const { steps, filesHeld, changing } = planSteps({
    settings: input.settings,
    result,
    files,
    firewall: wanted.firewall,
    observed,
    standalone: input.standalone,
    paths: input.paths,
    hash: input.fingerprint,
    tunnels: {
      fingerprint: (tunnel) => input.fingerprint(tunnel.psk),
      attempts: input.attempts,
      now: input.now,
      closed: input.closed === true,
      wanted: (tunnel) => !input.closed && (tunnel.routing === "vti" ? !input.keptDown(tunnel.conn) : carriers.has(tunnel.conn)),
      carriers,
      passing: input.passing,
      hopeless: input.hopeless,
    },
  });
  return { result, files, ...wanted, observed, steps, filesHeld, changing, hopeless: [...input.hopeless] };
};

export interface PassOutcome {
  readonly done: readonly Step[];
  /** The first thing that went wrong. */
  readonly error?: SpacegateError;
  /** What went wrong beside it, with steps that no other one waits for. */
  readonly asides: readonly Aside[];
}

export interface Aside {
  readonly step: Step;
  readonly error: SpacegateError;
}

export const asError = (thrown: unknown): SpacegateError =>
  thrown instanceof SpacegateError
    ? thrown
    : new SpacegateError("COMMAND_FAILED", `A pass failed unexpectedly: ${String(thrown)}`, {
        fix: "This is a bug worth reporting, with the log around it.",
        cause: thrown,
      });

/** Whether charon holds the tunnel as desired already: then it may be repaired although a step before it failed. */
const standsAlone = (step: Step, { charon }: Observed): boolean =>
  step.kind === "initiate" &&
  // With policy routing the other tunnel must be down first, and that may be what failed.
  step.tunnel.routing === "vti" &&
  charon.kind === "running" &&
  connDifference(
    step.tunnel,
    charon.conns.find((conn) => conn.name === step.tunnel.conn),
  ) === "";

/**
 * Carries the steps out in order. Steps build on each other, so after a failure only those go on that do not: repairing a
 * tunnel that charon holds as desired, and what stands beside the tunnels.
 */
export const carryOut = async ({ steps, observed }: PassPlan, execute: (step: Step) => Promise<void>): Promise<PassOutcome> => {
  const done: Step[] = [];
  const asides: Aside[] = [];
  let error: SpacegateError | undefined;
  for (const step of steps) {
    if (error && !isAside(step) && !standsAlone(step, observed)) continue;
    try {
      await execute(step);
      done.push(step);
    } catch (thrown) {
      if (isAside(step)) asides.push({ step, error: asError(thrown) });
      else error ??= asError(thrown);
    }
  }
  return error ? { done, error, asides } : { done, asides };
};
