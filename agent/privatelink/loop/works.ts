import type { Clock } from "../../lib/clock.ts";
import { messageOf, SpacegateError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { Secret } from "../../lib/secret.ts";
import type { Endpoint, LinkWanted } from "../../model/privatelink.ts";
import type { LinkObserved, LinkStep } from "../../model/privatelink-plan.ts";
import { missingAccounts } from "../heroku/accounts.ts";
import type { ConnectionUrl, HerokuLinks, HerokuTarget } from "../heroku/heroku-links.ts";
import type { Resolve } from "../observe/dns.ts";
import { type ProofTarget, prove } from "../observe/prove.ts";
import type { Login } from "../observe/redis.ts";
import type { LinkPass, LinkWorks } from "./keeper-seams.ts";
import { linkPass, type PassAws } from "./link-pass.ts";
import { LinkMemory } from "./memory.ts";

export interface WorksDeps {
  readonly heroku: HerokuLinks;
  /** Loads AWS's clients at the first call. */
  readonly aws: (region: string) => Promise<PassAws>;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly log: Log;
  /** Keeps a secret out of everything that leaves this process. */
  readonly remember: (secret: Secret) => void;
}

const isHeroku = (target: LinkWanted["target"]): target is HerokuTarget => target.kind === "heroku";

/** After a change it is pending for a while, and carries on. */
const PROVABLE: readonly string[] = ["available", "pending"];

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
  /** By link: what AWS may not show yet. */
  readonly #memories = new Map<string, LinkMemory>();
  /** By link: what the app's config vars say of its endpoint. */
  readonly #urls = new Map<string, { readonly endpointId: string; readonly url: URL }>();

  constructor(deps: WorksDeps) {
    this.#deps = deps;
  }

  async pass(wanted: LinkWanted, signal: AbortSignal): Promise<LinkPass> {
    const { heroku, clock } = this.#deps;
    const { target } = wanted;
    const aws = await this.#deps.aws(wanted.region);
    const link = isHeroku(target) ? await heroku.describe(target, signal) : undefined;
    const changes: string[] = [];
    const onStep = ({ kind }: LinkStep): void => void changes.push(STEP_WORDS[kind]);
    const { observed, plan } = await linkPass(wanted, link, { aws, memory: this.#memoryOf(wanted.name), clock, signal, onStep });
    if (isHeroku(target)) changes.push(...(await this.#bringAboutHeroku(target, wanted, observed, signal)));
    return {
      herokuStatus: link?.status ?? "",
      serviceName: observed.serviceName,
      endpoint: plan.endpoint,
      problems: plan.problems,
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

  #memoryOf(name: string): LinkMemory {
    const memory = this.#memories.get(name) ?? new LinkMemory(this.#deps.clock);
    this.#memories.set(name, memory);
    return memory;
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

  async #targetOf(
    wanted: LinkWanted,
    observed: LinkObserved,
    endpoint: Endpoint | undefined,
    signal: AbortSignal,
  ): Promise<ProofTarget | undefined> {
    if (!endpoint || !PROVABLE.includes(endpoint.state.toLowerCase()) || wanted.type === "Gateway") return undefined;
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
