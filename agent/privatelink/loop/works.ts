import type { Clock } from "../../lib/clock.ts";
import { messageOf, SpacegateError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { Secret } from "../../lib/secret.ts";
import type { Endpoint, HerokuLink, LinkWanted } from "../../model/privatelink.ts";
import type { LinkGroup, LinkMade, LinkObserved, LinkStep } from "../../model/privatelink-plan.ts";
import { applyLinkStep } from "../apply/executors.ts";
import type { LinkLookup, LinkWriter } from "../apply/seams.ts";
import { missingAccounts } from "../heroku/accounts.ts";
import type { ConnectionUrl, HerokuLinks, HerokuTarget } from "../heroku/heroku-links.ts";
import type { Resolve } from "../observe/dns.ts";
import { type ProofTarget, prove } from "../observe/prove.ts";
import type { Login } from "../observe/redis.ts";
import { planLink } from "../plan/plan.ts";
import type { LinkPass, LinkWorks } from "./keeper-seams.ts";

/** AWS in one region. */
export interface WorksAws {
  readonly reader: LinkLookup;
  readonly writer: LinkWriter;
  observe(wanted: LinkWanted, heroku: HerokuLink | undefined, signal: AbortSignal): Promise<LinkObserved>;
}

export interface WorksDeps {
  readonly heroku: HerokuLinks;
  /** Loads AWS's clients at the first call. */
  readonly aws: (region: string) => Promise<WorksAws>;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly log: Log;
  /** Keeps a secret out of everything that leaves this process. */
  readonly remember: (secret: Secret) => void;
}

/** What was made and may not be shown yet. */
interface Made {
  readonly endpoint?: Endpoint | undefined;
  readonly group?: LinkGroup | undefined;
  readonly at: number;
}

/** AWS shows what was made within a minute; later it counts as gone. */
const UNSEEN_MS = 2 * 60_000;

const isHeroku = (target: LinkWanted["target"]): target is HerokuTarget => target.kind === "heroku";

/** How AWS shows it at last counts; what it does not show yet is added. */
const withMade = (observed: LinkObserved, made: Made | undefined): LinkObserved => {
  if (!made) return observed;
  const { endpoint, group } = made;
  const isShown = !endpoint || observed.endpoints.some(({ id }) => id === endpoint.id);
  return {
    ...observed,
    endpoints: isShown ? observed.endpoints : [...observed.endpoints, endpoint],
    group: observed.group ?? group,
  };
};

const STEP_WORDS: Readonly<Record<LinkStep["kind"], string>> = {
  "create-security-group": "made the endpoint's security group",
  "authorize-ingress": "let the allowed networks in through the security group",
  "revoke-ingress": "took rules out of the security group that are not declared",
  "create-endpoint": "asked AWS for the endpoint",
  "modify-endpoint": "changed the endpoint to what is declared",
  "delete-endpoint": "deleted the endpoint",
  "delete-security-group": "deleted the security group",
};

/** A keeper's works over Heroku's and AWS's real adapters. */
export class Works implements LinkWorks {
  readonly #deps: WorksDeps;
  readonly #made = new Map<string, Made>();
  /** By link: what the app's config vars say of its endpoint. */
  readonly #urls = new Map<string, { readonly endpointId: string; readonly url: URL }>();

  constructor(deps: WorksDeps) {
    this.#deps = deps;
  }

  async pass(wanted: LinkWanted, signal: AbortSignal): Promise<LinkPass> {
    const { heroku } = this.#deps;
    const { target } = wanted;
    const aws = await this.#deps.aws(wanted.region);
    const link = isHeroku(target) ? await heroku.describe(target, signal) : undefined;
    const observed = withMade(await aws.observe(wanted, link, signal), this.#madeOf(wanted.name));
    const asked = isHeroku(target) ? await this.#bringAboutHeroku(target, wanted, observed, signal) : [];
    const plan = planLink(wanted, observed);
    const changes = [...asked, ...(asked.length > 0 ? [] : await this.#carryOut(plan.steps, wanted, aws, signal))];
    return {
      herokuStatus: link?.status ?? "",
      serviceName: observed.serviceName,
      endpoint: plan.endpoint ?? this.#made.get(wanted.name)?.endpoint,
      // What Heroku was asked for just now is no problem of the plan's any more.
      problems: asked.length > 0 ? [] : plan.problems,
      waitingFor: plan.waitingFor,
      changes,
      target: await this.#targetOf(wanted, observed, plan.endpoint, signal),
    };
  }

  prove(target: ProofTarget, signal: AbortSignal) {
    return prove(target, this.#deps, signal);
  }

  forget({ name }: LinkWanted): void {
    this.#urls.delete(name);
  }

  #madeOf(name: string): Made | undefined {
    const made = this.#made.get(name);
    if (made && this.#deps.clock.monotonic() - made.at > UNSEEN_MS) this.#made.delete(name);
    return this.#made.get(name);
  }

  /** Creates the link and lets accounts in; never takes one away. Heroku refuses a second creation, so that a kill in between does no harm. */
  async #bringAboutHeroku(
    target: HerokuTarget,
    { allowedAccounts }: LinkWanted,
    { account, heroku: link }: LinkObserved,
    signal: AbortSignal,
  ): Promise<string[]> {
    const { heroku } = this.#deps;
    const accounts = allowedAccounts.length > 0 ? allowedAccounts : [account];
    if (!link) {
      const isNew = await heroku.create(target, accounts, signal).then(
        () => true,
        (thrown: unknown) => {
          if (isConflict(thrown)) return false;
          throw thrown;
        },
      );
      return isNew ? [`asked Heroku for the PrivateLink of ${target.addon}`] : [];
    }
    const missing = allowedAccounts.length > 0 ? missingAccounts(link, accounts) : [];
    if (missing.length === 0 || link.status.toLowerCase() !== "operational") return [];
    await heroku.addAccounts(target, missing, signal);
    return [`asked Heroku to let in ${missing.join(", ")}`];
  }

  async #carryOut(steps: readonly LinkStep[], { name }: LinkWanted, aws: WorksAws, signal: AbortSignal): Promise<string[]> {
    const done: string[] = [];
    for (const step of steps) {
      signal.throwIfAborted();
      const made = await applyLinkStep(step, { ...aws, clock: this.#deps.clock, signal });
      if (made) this.#keep(name, made);
      done.push(STEP_WORDS[step.kind]);
    }
    return done;
  }

  #keep(name: string, made: LinkMade): void {
    this.#made.set(name, { ...this.#made.get(name), ...made, at: this.#deps.clock.monotonic() });
  }

  async #targetOf(
    wanted: LinkWanted,
    observed: LinkObserved,
    endpoint: Endpoint | undefined,
    signal: AbortSignal,
  ): Promise<ProofTarget | undefined> {
    if (endpoint?.state.toLowerCase() !== "available" || wanted.type === "Gateway") return undefined;
    const { privateDns, protocol, port, target } = wanted;
    const common = { privateDns, protocol, port, inside: observed.vpc?.cidrs ?? [] };
    const ownName = endpoint.dnsNames[0];
    const serviceName = observed.service?.privateDnsName ?? "";
    if (privateDns && serviceName !== "" && !serviceName.startsWith("*"))
      return { ...common, owner: "service", hostname: serviceName };
    const url = isHeroku(target) ? await this.#urlOf(wanted.name, target, endpoint.id, signal) : null;
    const hostname = url?.hostname || ownName;
    const login = url && protocol === "redis" ? loginOf(url) : undefined;
    return hostname === undefined ? undefined : { ...common, owner: "endpoint", hostname, ...(login ? { login } : {}) };
  }

  /** Without it the link is proven all the same: only nobody signs in. */
  async #urlOf(link: string, { app }: HerokuTarget, endpointId: string, signal: AbortSignal): Promise<URL | null> {
    const kept = this.#urls.get(link);
    if (kept?.endpointId === endpointId) return kept.url;
    const urls = await this.#deps.heroku.connectionUrls(app, endpointId, signal).catch((thrown: unknown) => {
      signal.throwIfAborted();
      this.#deps.log.debug({ endpoint: endpointId, error: messageOf(thrown) }, "the app's config vars cannot be read");
      return [];
    });
    const url = this.#parse(urls);
    if (url) this.#urls.set(link, { endpointId, url });
    return url;
  }

  #parse(urls: readonly ConnectionUrl[]): URL | null {
    const [first] = urls;
    if (!first) return null;
    for (const { url } of urls) this.#rememberAll(url);
    return URL.canParse(first.url.reveal()) ? new URL(first.url.reveal()) : null;
  }

  /** The whole URL, and its password as it is written and as it is sent. */
  #rememberAll(url: Secret): void {
    const { remember } = this.#deps;
    remember(url);
    if (!URL.canParse(url.reveal())) return;
    const { password } = new URL(url.reveal());
    for (const text of [password, decoded(password)]) if (text !== "") remember(new Secret(text));
  }
}

/** There is one already: Heroku does not show it for a while. Of a 422 the request itself is the cause. */
const isConflict = (thrown: unknown): boolean => thrown instanceof SpacegateError && thrown.details.status === 409;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Heroku writes redis://:PASSWORD@… and redis://h:PASSWORD@…: the user is told to servers that know users. */
const loginOf = (url: URL): Login | undefined => {
  if (url.password === "") return undefined;
  const user = decoded(url.username);
  return { user: user === "h" ? "" : user, password: new Secret(decoded(url.password)) };
};
