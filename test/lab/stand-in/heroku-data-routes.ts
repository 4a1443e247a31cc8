import { arnOf, hasConfigVar, isGone, linkAt } from "./heroku-data-lifecycle.ts";
import type { StandInAddon, StandInLink } from "./heroku-data-state.ts";
import { failure, type Question, type Reply } from "./routes.ts";
import type { StandInState, StateStore, WireObject } from "./state.ts";

interface Context extends Question {
  readonly state: StandInState;
  readonly store: StateStore;
  readonly now: number;
}

const NO_LINK = failure(404, "not_found", "Couldn't find that PrivateLink.");
const NO_ENDPOINT = failure(404, "not_found", "The requested API endpoint was not found.");

/** By its name, by what it is attached as, or by its config var. */
const isNamed = ({ name, attachments }: StandInAddon, asked: unknown): boolean =>
  name === asked || attachments.some((attachment) => asked === attachment || asked === `${attachment}_URL`);

const resolve = ({ state, body = {} }: Context): Reply => {
  const addons = state.addons ?? [];
  if (!addons.some(({ app }) => app === body.app)) return failure(404, "not_found", "Couldn't find that app.");
  const found = addons.filter((addon) => addon.app === body.app && isNamed(addon, body.addon));
  if (found.length === 0) return { status: 200, body: [] };
  return {
    status: 200,
    body: found.map(({ app, name, uuid, plan }) => ({
      id: uuid,
      name,
      app: { id: `app-${app}`, name: app },
      addon_service: { id: `service-${plan.split(":")[0]}`, name: plan.split(":")[0] },
      plan: { id: `plan-${plan}`, name: plan },
      state: "provisioned",
    })),
  };
};

/** The variables that Heroku makes for each endpoint of each attachment. */
const endpointVars = (addon: StandInAddon, { state, now }: Context): [string, string][] => {
  const link = state.links?.[addon.name];
  if (!link) return [];
  return link.endpoints
    .filter((endpoint) => hasConfigVar(state, link, endpoint, now))
    .flatMap(({ endpointId, hostname }) =>
      addon.attachments.map((attachment): [string, string] => [
        `${attachment}_ENDPOINT_${endpointId.slice(-17).toUpperCase()}_URL`,
        addon.url.replace("HOST", hostname),
      ]),
    );
};

const configVars = (app: string, context: Context): Reply => {
  const addons = (context.state.addons ?? []).filter((addon) => addon.app === app);
  const own = context.state.configVars?.[app];
  if (addons.length === 0 && !own) return failure(404, "not_found", "Couldn't find that app.");
  const urls = addons.flatMap(({ attachments, url }) =>
    attachments.map((name) => [`${name}_URL`, url.replace("HOST", "10.1.2.3")]),
  );
  const endpoints = addons.flatMap((addon) => endpointVars(addon, context));
  return { status: 200, body: { ...Object.fromEntries([...urls, ...endpoints]), ...own } };
};

const ACCOUNT = /^\d{12}(:(root|(user|role)\/[\w+=,.@/-]+))?$/;

/** The accounts of a request; undefined when Heroku would not take them. */
const accountsIn = ({ body }: Context): string[] | undefined => {
  const accounts: unknown = body?.allowed_accounts;
  const fit = Array.isArray(accounts) && accounts.length > 0 && accounts.every((one) => ACCOUNT.test(String(one)));
  return fit ? accounts.map(String) : undefined;
};

const UNFIT = failure(422, "invalid_params", "allowed_accounts: must be ID, ID:user/NAME or ID:role/NAME.");

const write = (addon: StandInAddon, link: StandInLink, { state, store }: Context): Promise<void> =>
  store.write({ ...state, links: { ...state.links, [addon.name]: link } });

const shown = async (addon: StandInAddon, status: number, { store, now }: Context): Promise<Reply> => ({
  status,
  body: linkAt(await store.read(), addon, now) ?? {},
});

const create = async (addon: StandInAddon, context: Context): Promise<Reply> => {
  const { state, now } = context;
  const accounts = accountsIn(context);
  if (!accounts) return UNFIT;
  const there = state.links?.[addon.name];
  // One that was made but cannot be seen yet is there all the same.
  if (there && !isGone(state, there, now)) {
    const status = state.linkConflict ?? 409;
    return failure(status, status === 409 ? "conflict" : "invalid_params", "This add-on already has a PrivateLink.");
  }
  await write(addon, { madeAt: now, accounts: accounts.map((account) => ({ account, addedAt: now })), endpoints: [] }, context);
  const body: WireObject = {
    app: { name: addon.app },
    addon: { name: addon.name, uuid: addon.uuid },
    status: "Provisioning",
    service_name: "",
    allowed_accounts: [],
    connections: [],
  };
  return { status: 201, body };
};

const addAccounts = async (addon: StandInAddon, link: StandInLink, context: Context): Promise<Reply> => {
  const accounts = accountsIn(context);
  if (!accounts) return UNFIT;
  const arns = new Set(link.accounts.map(({ account }) => arnOf(account)));
  const fresh = accounts.filter((account) => !arns.has(arnOf(account))).map((account) => ({ account, addedAt: context.now }));
  await write(addon, { ...link, accounts: [...link.accounts, ...fresh] }, context);
  return shown(addon, 202, context);
};

const removeAccounts = async (addon: StandInAddon, link: StandInLink, context: Context): Promise<Reply> => {
  const accounts = accountsIn(context);
  if (!accounts) return UNFIT;
  const out = new Set(accounts.map(arnOf));
  const kept = link.accounts.filter(({ account }) => !out.has(arnOf(account)));
  if (kept.length + out.size > link.accounts.length)
    return failure(422, "invalid_params", "allowed_accounts: not allowed before.");
  await write(addon, { ...link, accounts: kept }, context);
  return shown(addon, 202, context);
};

const remove = async (addon: StandInAddon, link: StandInLink, context: Context): Promise<Reply> => {
  await write(addon, { ...link, removedAt: link.removedAt ?? context.now }, context);
  return shown(addon, 202, context);
};

const aboutLink = async (addon: StandInAddon, rest: string, context: Context): Promise<Reply> => {
  if (context.method === "POST" && rest === "") return create(addon, context);
  const link = context.state.links?.[addon.name];
  if (!link || linkAt(context.state, addon, context.now) === undefined) return NO_LINK;
  const acts: Record<string, () => Promise<Reply>> = {
    "GET ": () => shown(addon, 200, context),
    "DELETE ": () => remove(addon, link, context),
    "PUT /allowed_accounts": () => addAccounts(addon, link, context),
    "PATCH /allowed_accounts": () => removeAccounts(addon, link, context),
  };
  return (await acts[`${context.method} ${rest}`]?.()) ?? NO_ENDPOINT;
};

export const isDataPath = (path: string): boolean => path.startsWith("/private-link/");

/** The answer about data services: the Data API's, and what the Platform API tells of them; undefined for other questions. */
export const answerAboutData = async (question: Question, store: StateStore, now: number): Promise<Reply | undefined> => {
  const context = { ...question, state: await store.read(), store, now };
  const { method, path } = question;
  if (method === "POST" && path === "/actions/addons/resolve") return resolve(context);
  const app = /^\/apps\/([^/]+)\/config-vars$/.exec(path)?.[1];
  if (method === "GET" && app) return configVars(decodeURIComponent(app), context);
  if (!isDataPath(path)) return undefined;
  const [, name = "", rest = ""] = /^\/private-link\/v0\/databases\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (name === "") return NO_ENDPOINT;
  const addon = context.state.addons?.find((one) => one.name === name || one.uuid === name);
  return addon ? aboutLink(addon, rest, context) : NO_LINK;
};
