import * as z from "zod";
import { SpacegateError } from "../lib/errors.ts";
import type { ApiAnswer, HerokuApi, Question } from "../lib/heroku-api.ts";
import { assertHerokuName } from "../lib/heroku-name.ts";
import { parseJson } from "../lib/json.ts";
import { redactText } from "../lib/redact-text.ts";
import { isNotFound } from "../lib/refusal.ts";
import { Secret } from "../lib/secret.ts";
import { oneLine } from "../lib/text.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { HerokuVpn, SpaceLimits, VpnConnection, Wanted } from "./heroku-vpn.ts";

/** A value as it is, on one line: an id may well have the shape of a token, and connections are told apart by it. */
const line = z
  .string()
  .nullish()
  .transform((value) => oneLine(value ?? ""));
/** Other people's words: one line, nothing secret-like. */
const words = z
  .string()
  .nullish()
  .transform((value) => oneLine(redactText(value ?? "")));
const blocks = z
  .array(z.string())
  .nullish()
  .transform((value) => (value ?? []).map(oneLine));

const tunnelSchema = z.object({
  ip: line,
  customer_ip: line,
  pre_shared_key: z.string().nullish(),
  status: line,
  status_message: words,
  last_status_change: line,
});

const connectionSchema = z.object({
  id: line,
  name: line,
  status: line,
  status_message: words,
  ike_version: z.number().nullish(),
  public_ip: line,
  routable_cidrs: blocks,
  space_cidr_block: line,
  tunnels: z
    .array(tunnelSchema)
    .nullish()
    .transform((value) => value ?? []),
});

const spaceSchema = z.object({
  name: line,
  cidr: line,
  data_cidr: line,
  state: line,
  region: z.object({ name: line }).nullish(),
});

const peeringSchema = z.object({ space_cidr_blocks: blocks, dyno_cidr_blocks: blocks, unavailable_cidr_blocks: blocks });

const toConnection = (wire: z.output<typeof connectionSchema>): VpnConnection => ({
  id: wire.id,
  name: wire.name,
  status: wire.status,
  statusMessage: wire.status_message,
  ikeVersion: wire.ike_version ?? undefined,
  publicIp: wire.public_ip,
  routableCidrs: wire.routable_cidrs,
  spaceCidr: wire.space_cidr_block,
  tunnels: wire.tunnels.map((tunnel, place) => ({
    index: place + 1,
    ip: tunnel.ip,
    customerIp: tunnel.customer_ip,
    psk: tunnel.pre_shared_key ? new Secret(tunnel.pre_shared_key) : undefined,
    status: tunnel.status,
    statusMessage: tunnel.status_message,
    lastStatusChange: tunnel.last_status_change,
  })),
});

/** A Private Space, as far as one chooses by it. */
export interface Space {
  readonly name: string;
  readonly region: string;
  readonly state: string;
}

const read = <T>(schema: z.ZodType<T>, answer: ApiAnswer, about: string): T => {
  const fix = "Check HEROKU_HOST and the proxy: Heroku answers in JSON.";
  const result = schema.safeParse(parseJson(answer.body, `Heroku's answer about ${about}`, fix));
  if (result.success) return result.data;
  // Without the values: a PSK may be among them.
  const fields = result.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new SpacegateError("SOURCE_MALFORMED", `Heroku's answer about ${about} is not as documented: ${fields}`, { fix });
};

const pathOf = (space: string, rest = ""): string => `/spaces/${encodeURIComponent(space)}${rest}`;

const connectionPath = ({ space, name }: ConnectionRef): string => pathOf(space, `/vpn-connections/${encodeURIComponent(name)}`);

const unknownSpace = (space: string): SpacegateError =>
  new SpacegateError("SOURCE_NOT_FOUND", `Heroku knows no space ${space}, or this token does not see it`, {
    fix: "`heroku spaces` lists those that your account sees.",
  });

/** Heroku's side through its Platform API. */
export class PlatformVpn implements HerokuVpn {
  readonly #api: HerokuApi;

  constructor(api: HerokuApi) {
    this.#api = api;
  }

  /** Every space that the token sees. */
  async spaces(signal: AbortSignal): Promise<readonly Space[]> {
    const about = "the spaces";
    const answer = await this.#get({ path: "/spaces", about, signal });
    if (answer.status !== 200) throw answer.refusal();
    return read(z.array(spaceSchema), answer, about).map(({ name, region, state }) => ({
      name,
      state,
      region: region?.name ?? "",
    }));
  }

  async list(space: string, signal: AbortSignal): Promise<readonly VpnConnection[]> {
    const answer = await this.#inSpace(space, "/vpn-connections", signal);
    return read(z.array(connectionSchema), answer, space).map(toConnection);
  }

  async find(ref: ConnectionRef, signal: AbortSignal): Promise<VpnConnection | undefined> {
    assertNames(ref);
    const about = connectionKey(ref);
    const answer = await this.#get({ path: connectionPath(ref), about, signal });
    if (isNotFound(answer)) return undefined;
    if (answer.status !== 200) throw answer.refusal();
    return toConnection(read(connectionSchema, answer, about));
  }

  async limits(space: string, signal: AbortSignal): Promise<SpaceLimits> {
    const view = read(spaceSchema, await this.#inSpace(space, "", signal), space);
    const answer = await this.#get({ path: pathOf(space, "/peering-info"), about: `${space}'s peering-info`, signal });
    // A space that cannot be peered has none.
    if (!isNotFound(answer) && answer.status !== 200) throw answer.refusal();
    const peering = isNotFound(answer) ? undefined : read(peeringSchema, answer, `${space}'s peering-info`);
    const own = [view.cidr, view.data_cidr, ...(peering?.space_cidr_blocks ?? []), ...(peering?.dyno_cidr_blocks ?? [])];
    return {
      spaceBlocks: [...new Set(own.filter((block) => block !== ""))],
      unavailable: (peering?.unavailable_cidr_blocks ?? []).filter((block) => !own.includes(block)),
    };
  }

  async create(ref: ConnectionRef, { publicIp, routableCidrs }: Wanted): Promise<void> {
    assertNames(ref);
    const answer = await this.#api.ask({
      method: "POST",
      path: pathOf(ref.space, "/vpn-connections"),
      body: { name: ref.name, public_ip: publicIp, routable_cidrs: routableCidrs },
      about: connectionKey(ref),
      signal: new AbortController().signal,
    });
    if (isNotFound(answer)) throw unknownSpace(ref.space);
    if (answer.status < 200 || answer.status > 299) throw answer.refusal();
  }

  async destroy(ref: ConnectionRef): Promise<void> {
    assertNames(ref);
    const about = connectionKey(ref);
    const signal = new AbortController().signal;
    const answer = await this.#api.ask({ method: "DELETE", path: connectionPath(ref), about, signal });
    if (isNotFound(answer)) return;
    if (answer.status < 200 || answer.status > 299) throw answer.refusal();
  }

  #get(question: Omit<Question, "method">): Promise<ApiAnswer> {
    return this.#api.ask({ method: "GET", ...question });
  }

  async #inSpace(space: string, rest: string, signal: AbortSignal): Promise<ApiAnswer> {
    assertHerokuName("space", space);
    const answer = await this.#get({ path: pathOf(space, rest), about: space, signal });
    if (isNotFound(answer)) throw unknownSpace(space);
    if (answer.status !== 200) throw answer.refusal();
    return answer;
  }
}

const assertNames = ({ space, name }: ConnectionRef): void => {
  assertHerokuName("space", space);
  assertHerokuName("name", name);
};
