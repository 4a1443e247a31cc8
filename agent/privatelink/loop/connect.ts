import { SpacegateError } from "../../lib/errors.ts";
import { AWS_INCIDENTS, type Look, type Story, Teller, type WaitDeps, type Waiting, waitFor } from "../../lib/flow.ts";
import type { Endpoint, HerokuLink, LinkWanted } from "../../model/privatelink.ts";
import type { LinkProblem, LinkStep } from "../../model/privatelink-plan.ts";
import { describeLinkStep } from "../../model/privatelink-step-text.ts";
import type { ConnectionUrl, HerokuLinks } from "../heroku/heroku-links.ts";
import { linkPass, type PassAws, type PassResult } from "./link-pass.ts";
import { LinkMemory } from "./memory.ts";

export interface ConnectDeps extends WaitDeps {
  readonly aws: PassAws;
  /** Asked only about a link to a data service. */
  readonly heroku: Pick<HerokuLinks, "describe" | "connectionUrls">;
  /** Between two questions. */
  readonly pollMs: number;
  /** The exact command that goes on. */
  readonly command: string;
  /** False: be content when all is asked for. */
  readonly wait: boolean;
}

export interface Connected {
  readonly endpoint: Endpoint;
  /** Passwords are in there; empty for a link to a service by its name. */
  readonly urls: readonly ConnectionUrl[];
  readonly problems: readonly LinkProblem[];
}

/** Everything that has to be solved, under the code of the first. */
const refusal = ([first, ...others]: readonly LinkProblem[]): SpacegateError | undefined => {
  if (!first) return undefined;
  const rest = others.map(({ text, fix }) => `\n${text}\n  ${fix}`).join("");
  return new SpacegateError(first.code, `${first.text}${rest}`, { fix: first.fix });
};

const noLinkAtHeroku = ({ app, addon }: { readonly app: string; readonly addon: string }): SpacegateError =>
  new SpacegateError("PRIVATELINK_NOT_FOUND", `${app}/${addon} has no PrivateLink at Heroku yet.`, {
    fix: `Make one first: spacegate privatelink create ${addon} --app ${app} --aws-account-id ID`,
  });

const herokuSide = async ({ target }: LinkWanted, { heroku, signal }: ConnectDeps): Promise<HerokuLink | undefined> => {
  if (target.kind !== "heroku") return undefined;
  const link = await heroku.describe(target, signal);
  if (!link) throw noLinkAtHeroku(target);
  return link;
};

/** One run of the command. */
interface Run {
  readonly wanted: LinkWanted;
  readonly memory: LinkMemory;
  readonly deps: ConnectDeps;
  /** Told as soon as there is something in AWS that stays when the run ends. */
  readonly onMade: () => void;
}

/** A chain of steps is group, rules, endpoint; more passes than this would mean that something undoes them. */
const MAX_PASSES = 8;

/** A changed endpoint is shown as it was for a while: asked for at once, the change would be asked for again. */
const goesOnAtOnce = ({ steps }: PassResult["plan"]): boolean =>
  steps.length > 0 && !steps.some(({ kind }) => kind === "modify-endpoint");

/** Does all that can be done now: what one pass makes lets the next go on. */
const doNow = async ({ wanted, memory, deps, onMade }: Run): Promise<PassResult> => {
  const { aws, clock, signal, progress } = deps;
  const onStep = (step: LinkStep) => {
    onMade();
    progress.say(`AWS: ${describeLinkStep(step)}`);
  };
  const heroku = await herokuSide(wanted, deps);
  let result = await linkPass(wanted, heroku, { aws, memory, clock, signal, onStep });
  for (let pass = 1; pass < MAX_PASSES && goesOnAtOnce(result.plan); pass++) {
    result = await linkPass(wanted, heroku, { aws, memory, clock, signal, onStep });
  }
  return result;
};

const lookForEndpoint = async (run: Run): Promise<Look<PassResult["plan"]>> => {
  const { plan } = await doNow(run);
  if (plan.endpoint) run.onMade();
  const refused = refusal(plan.problems.filter(({ blocking }) => blocking));
  if (refused) throw refused;
  if (plan.steps.length > 0) return { seen: `AWS to take: ${plan.steps.map((step) => describeLinkStep(step)).join("; ")}` };
  const isAsked = plan.endpoint !== undefined && !run.deps.wait;
  return plan.waitingFor === "" || isAsked ? { done: plan } : { seen: `Waiting for ${plan.waitingFor}` };
};

/** Heroku writes the config var some time after it has seen the endpoint. */
const urlsOf = async ({ target }: LinkWanted, endpoint: Endpoint, deps: ConnectDeps): Promise<readonly ConnectionUrl[]> => {
  if (target.kind !== "heroku" || !deps.wait) return [];
  const { heroku, pollMs, signal } = deps;
  const look = async (): Promise<Look<readonly ConnectionUrl[]>> => {
    const urls = await heroku.connectionUrls(target.app, endpoint.id, signal);
    return urls.length > 0
      ? { done: urls }
      : { seen: `Waiting for Heroku to give ${target.app} the connection string of ${endpoint.id}` };
  };
  return waitFor({ what: `${target.app}'s config var for ${endpoint.id}`, pollMs, tooLate: "PRIVATELINK_TIMEOUT" }, look, deps);
};

const stories = ({ name }: LinkWanted, command: string): { readonly asking: Story; readonly made: Story } => {
  const next = `The same command goes on from there: ${command}`;
  return {
    asking: { state: "Nothing was changed.", next },
    made: { state: `What was made for ${name} stays, and goes on by itself at AWS and at the provider.`, next },
  };
};

const endpointWaiting = ({ name, target }: LinkWanted, { pollMs }: ConnectDeps): Waiting => ({
  what: `the endpoint of ${name}`,
  pollMs,
  tooLate: "PRIVATELINK_TIMEOUT",
  ...(target.kind === "service" ? { incidents: AWS_INCIDENTS } : {}),
});

/**
 * `spacegate privatelink connect`: resolves once the endpoint is available and just as wanted, and Heroku has made its connection
 * string. Idempotent: run again, it goes on. Rejects with LINK_…, AWS_…, PRIVATELINK_….
 */
export const connect = (wanted: LinkWanted, deps: ConnectDeps): Promise<Connected> => {
  const teller = new Teller();
  return teller.run(deps.signal, async () => {
    const { asking, made } = stories(wanted, deps.command);
    teller.at(asking);
    const run = { wanted, memory: new LinkMemory(deps.clock), deps, onMade: () => teller.at(made) };
    const { endpoint, problems } = await waitFor(endpointWaiting(wanted, deps), () => lookForEndpoint(run), deps);
    if (!endpoint) throw new SpacegateError("LINK_FAILED", `AWS shows no endpoint of ${wanted.name}.`, { fix: deps.command });
    return { endpoint, urls: await urlsOf(wanted, endpoint, deps), problems };
  });
};
