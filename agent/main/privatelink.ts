import type { PrivatelinkOptions, PrivatelinkVerb } from "../cli/privatelink-options.ts";
import { accessText, goneText, linkJson, linkText, type ShownUrls, urlsJson, urlsText } from "../cli/privatelink-text.ts";
import { LineProgress } from "../cli/progress.ts";
import { systemClock } from "../lib/clock.ts";
import type { Confirmation } from "../lib/confirm.ts";
import { SpacegateError } from "../lib/errors.ts";
import { NOTHING, orInterrupted } from "../lib/flow.ts";
import type { HerokuLink } from "../model/privatelink.ts";
import { addAccess, removeAccess } from "../privatelink/heroku/access.ts";
import { parseAccounts } from "../privatelink/heroku/accounts.ts";
import { endpointMark } from "../privatelink/heroku/config-vars.ts";
import { create } from "../privatelink/heroku/create.ts";
import { DataLinks } from "../privatelink/heroku/data-links.ts";
import { destroy } from "../privatelink/heroku/destroy.ts";
import { findOrRefuse, type LinkDeps } from "../privatelink/heroku/flow.ts";
import { type HerokuTarget, targetKey } from "../privatelink/heroku/heroku-links.ts";
import { wait } from "../privatelink/heroku/wait.ts";
import { PRIVATELINK_WORDING } from "../privatelink/heroku/wording.ts";
import { openDataApi, openHerokuApi } from "./heroku-api.ts";
import { privatelinkCommand } from "./privatelink-command.ts";
import { openPrompts, type Prompts } from "./prompts.ts";
import { stopSignal } from "./stop-signal.ts";

const missing = (option: string, what: string): SpacegateError =>
  new SpacegateError("OPTION_MISSING", `${option} is missing: ${what}.`, { fix: `Give ${option}.` });

const targetOf = ({ app, addon }: PrivatelinkOptions): HerokuTarget => {
  if (addon === undefined) throw missing("ADDON", "the data service's add-on, such as redis-kvs-12345");
  if (app === undefined) throw missing("--app", "the Heroku app that the add-on is attached to");
  return { kind: "heroku", app, addon };
};

const NEEDS_ACCOUNTS: readonly PrivatelinkVerb[] = ["create", "access add", "access remove"];

const accountsOf = ({ verb, accounts }: PrivatelinkOptions): readonly string[] => {
  if (accounts.length === 0 && NEEDS_ACCOUNTS.includes(verb))
    throw missing("--aws-account-id", "an AWS account, such as 123456789012");
  return parseAccounts(accounts);
};

const confirmation = ({ confirm }: PrivatelinkOptions, prompts: Prompts | undefined): Confirmation => ({
  given: confirm,
  ask: prompts && ((name) => prompts.text({ message: `To go on, type the add-on's name (${name})`, check: () => undefined })),
});

/** Connection strings of all endpoints that are connected. */
const urlsOf = async (target: HerokuTarget, { connections }: HerokuLink, { links, signal }: LinkDeps): Promise<ShownUrls> => {
  const shown: ShownUrls[number][] = [];
  for (const { endpointId } of connections) {
    const urls = endpointMark(endpointId) === undefined ? [] : await links.connectionUrls(target.app, endpointId, signal);
    shown.push({ endpointId, urls: urls.map(({ name, url }) => ({ name, url: url.reveal() })) });
  }
  return shown;
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

interface Opened {
  readonly options: PrivatelinkOptions;
  readonly target: HerokuTarget;
  readonly accounts: readonly string[];
  readonly confirmed: Confirmation;
  readonly deps: LinkDeps;
}

const asked = (link: HerokuLink, { json }: PrivatelinkOptions): string =>
  json ? JSON.stringify(linkJson(link)) : linkText(link);

const look = ({ target, deps }: Opened): Promise<HerokuLink> =>
  orInterrupted(deps.signal, NOTHING, () => findOrRefuse(target, deps));

/** What each verb does; resolves with what is printed. */
const ACTS: Readonly<Record<PrivatelinkVerb, (opened: Opened) => Promise<string>>> = {
  create: async ({ options, target, accounts, deps }) =>
    asked(await create({ target, accounts, wait: options.wait === true }, deps), options),
  wait: async ({ options, target, accounts, deps }) => asked(await wait(target, accounts, deps), options),
  info: async (opened) => {
    const { options, target, deps } = opened;
    const link = await look(opened);
    if (!options.showUrl) return asked(link, options);
    const urls = await orInterrupted(deps.signal, NOTHING, () => urlsOf(target, link, deps));
    return options.json
      ? JSON.stringify({ ...linkJson(link), connection_urls: urlsJson(urls) })
      : `${linkText(link)}\n\n${urlsText(urls)}`;
  },
  "access list": async (opened) => {
    const link = await look(opened);
    return opened.options.json ? JSON.stringify(linkJson(link).allowed_accounts) : accessText(link);
  },
  "access add": async ({ options, target, accounts, deps }) => {
    const link = await addAccess({ target, accounts, wait: options.wait === true }, deps);
    return options.json ? JSON.stringify(linkJson(link)) : accessText(link);
  },
  "access remove": async ({ options, target, accounts, deps }) => {
    const link = await removeAccess({ target, accounts }, deps);
    return options.json ? JSON.stringify(linkJson(link)) : accessText(link);
  },
  destroy: async ({ options, target, confirmed, deps }) => {
    await destroy(target, confirmed, deps);
    const { app, addon } = target;
    return options.json ? JSON.stringify({ app, addon, status: "gone" }) : goneText(targetKey(target));
  },
};

export const privatelink = async (options: PrivatelinkOptions): Promise<number> => {
  const target = targetOf(options);
  const accounts = accountsOf(options);
  const { signal } = stopSignal();
  const prompts = options.verb === "destroy" ? await openPrompts(signal) : undefined;
  const progress = new LineProgress(process.stderr);
  const deps: LinkDeps = {
    links: new DataLinks({
      platform: openHerokuApi(options.root, { wording: PRIVATELINK_WORDING }),
      data: openDataApi(options.root, { wording: PRIVATELINK_WORDING }),
    }),
    clock: systemClock,
    progress,
    signal,
    pollMs: options.poll,
    timeoutMs: options.timeout,
    command: privatelinkCommand(options.root),
  };
  try {
    const text = await ACTS[options.verb]({ options, target, accounts, confirmed: confirmation(options, prompts), deps });
    progress.end();
    print(text);
    return 0;
  } finally {
    progress.end();
  }
};
