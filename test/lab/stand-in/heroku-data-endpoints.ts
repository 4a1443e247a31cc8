import { activeArns, type EndpointState, endpointStateAt, serviceNameOf, statusAt } from "./heroku-data-lifecycle.ts";
import type { StandInAddon, StandInEndpoint, StandInLink } from "./heroku-data-state.ts";
import { failure, type Question, type Reply } from "./routes.ts";
import type { StandInState, StateStore } from "./state.ts";

/*
 * The side of AWS that Heroku's end of a PrivateLink and a VPC endpoint share: an EC2 stand-in asks here what it may show.
 * In one process by these functions, from another one over HTTP: /stand-in/services and /stand-in/endpoints, without a token.
 */

/** An endpoint service as its provider's account has it. */
export interface EndpointService {
  readonly serviceName: string;
  /** False: nobody can make an endpoint now. */
  readonly open: boolean;
  /** Whose principals see it: only those that are Active. */
  readonly allowedArns: readonly string[];
}

const servicesOf = (state: StandInState, now: number): { addon: StandInAddon; link: StandInLink; service: EndpointService }[] =>
  (state.addons ?? []).flatMap((addon) => {
    const link = state.links?.[addon.name];
    const status = link && statusAt(state, link, now);
    if (!link || status === undefined || status === "Provisioning") return [];
    const service = {
      serviceName: serviceNameOf(addon),
      open: status === "Operational",
      allowedArns: activeArns(state, link, now),
    };
    return [{ addon, link, service }];
  });

/** All endpoint services that Heroku offers now. */
export const herokuServices = async (store: StateStore, now: number): Promise<readonly EndpointService[]> =>
  servicesOf(await store.read(), now).map(({ service }) => service);

/** Tells Heroku of a new endpoint. False: there is no such service, or it is not open. */
export const connectEndpoint = async (
  store: StateStore,
  serviceName: string,
  endpoint: Omit<StandInEndpoint, "createdAt">,
  now: number,
): Promise<boolean> => {
  const state = await store.read();
  const found = servicesOf(state, now).find(({ service }) => service.serviceName === serviceName && service.open);
  if (!found) return false;
  const endpoints = [
    ...found.link.endpoints.filter(({ endpointId }) => endpointId !== endpoint.endpointId),
    { ...endpoint, createdAt: now },
  ];
  await store.write({ ...state, links: { ...state.links, [found.addon.name]: { ...found.link, endpoints } } });
  return true;
};

/** Tells Heroku that an endpoint was deleted. */
export const disconnectEndpoint = async (store: StateStore, endpointId: string): Promise<void> => {
  const state = await store.read();
  const links = Object.entries(state.links ?? {}).map(([name, link]) => [
    name,
    { ...link, endpoints: link.endpoints.filter((one) => one.endpointId !== endpointId) },
  ]);
  await store.write({ ...state, links: Object.fromEntries(links) });
};

/** What Heroku has made of an endpoint; undefined when it does not know it. */
export const endpointState = async (store: StateStore, endpointId: string, now: number): Promise<EndpointState | undefined> => {
  const state = await store.read();
  for (const link of Object.values(state.links ?? {})) {
    const endpoint = link.endpoints.find((one) => one.endpointId === endpointId);
    if (endpoint) return endpointStateAt(state, link, endpoint, now);
  }
  return undefined;
};

const connect = async ({ body = {} }: Question, store: StateStore, now: number): Promise<Reply> => {
  const { service_name, endpoint_id, hostname, owner_arn } = body;
  const endpoint = { endpointId: String(endpoint_id), hostname: String(hostname), ownerArn: String(owner_arn) };
  const taken = await connectEndpoint(store, String(service_name), endpoint, now);
  return taken ? { status: 201, body: {} } : failure(404, "not_found", "No such service.");
};

/** The same over HTTP; undefined for other questions. */
export const answerAboutEndpoints = async (question: Question, store: StateStore, now: number): Promise<Reply | undefined> => {
  const { method, path } = question;
  if (!path.startsWith("/stand-in/")) return undefined;
  if (method === "GET" && path === "/stand-in/services") return { status: 200, body: await herokuServices(store, now) };
  if (method === "POST" && path === "/stand-in/endpoints") return connect(question, store, now);
  const id = /^\/stand-in\/endpoints\/([\w-]+)$/.exec(path)?.[1];
  if (id && method === "GET") return { status: 200, body: { state: (await endpointState(store, id, now)) ?? null } };
  if (id && method === "DELETE") {
    await disconnectEndpoint(store, id);
    return { status: 204, body: {} };
  }
  return failure(404, "not_found", "The requested API endpoint was not found.");
};
