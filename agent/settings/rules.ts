import { parseDuration } from "../lib/duration.ts";
import { type Cidr, cidrsOverlap, containsAddress, isIPv4, parseCidr } from "../lib/ip.ts";
import { schemaAt } from "./example.ts";
import { type Finding, type Path, pathText, valueAt } from "./path.ts";

const LOOPBACK = parseCidr("127.0.0.0/8") as Cidr;

const EXAMPLE_BLOCKS = ["172.16.0.0/16", "10.20.0.0/16", "192.168.0.0/16", "10.30.0.0/16"].map((text) => parseCidr(text) as Cidr);

const list = (data: unknown, path: Path): readonly unknown[] => {
  const value = valueAt(data, path);
  return Array.isArray(value) ? value : [];
};

const repeatedConnections = (data: unknown): Finding[] => {
  const firstWith = new Map<string, number>();
  return list(data, ["connections"]).flatMap((connection, index) => {
    const space = valueAt(connection, ["space"]);
    const name = valueAt(connection, ["name"]);
    if (typeof space !== "string" || typeof name !== "string") return [];
    const first = firstWith.get(`${space}/${name}`);
    if (first === undefined) {
      firstWith.set(`${space}/${name}`, index);
      return [];
    }
    const message = `must differ: connections[${first}] has the same space and name`;
    return [{ path: ["connections", index, "name"], message, example: "branch" }];
  });
};

const repeatedLinks = (data: unknown): Finding[] => {
  const names = list(data, ["privatelinks"]).map((link) => valueAt(link, ["name"]));
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (typeof name !== "string" || first === index) return [];
    const message = `must differ: privatelinks[${first}] has the same name`;
    return [{ path: ["privatelinks", index, "name"], message, example: "orders-postgres" }];
  });
};

const overlappingSubnets = (data: unknown, connection: number): Finding[] => {
  const path = ["connections", connection, "local", "subnets"];
  const blocks = list(data, path).map((text) => (typeof text === "string" ? parseCidr(text) : undefined));
  return blocks.flatMap((block, index) => {
    const other = blocks.findIndex((earlier, place) => place < index && block && earlier && cidrsOverlap(earlier, block));
    if (other === -1) return [];
    const rest = blocks.filter((entry, place) => entry && place !== index) as Cidr[];
    const free = EXAMPLE_BLOCKS.find((candidate) => !rest.some((entry) => cidrsOverlap(entry, candidate)));
    const message = `must not overlap ${pathText([...path, other])} (${blocks[other]?.text})`;
    return [{ path: [...path, index], message, ...(free ? { example: free.text } : {}) }];
  });
};

interface Order {
  readonly section: string;
  readonly shorter: string;
  readonly longer: string;
  readonly why: string;
}

const ORDERS: readonly Order[] = [
  { section: "dpd", shorter: "delay", longer: "timeout", why: "or a peer is given up before it is asked" },
  { section: "lifetimes", shorter: "child", longer: "ike", why: "or no CHILD_SA is ever renewed within its IKE_SA" },
];

const durationAt = (data: unknown, path: Path): { text: string; ms: number; written: boolean } | undefined => {
  const value = valueAt(data, path);
  const text = value === undefined ? schemaAt(path)?.default : value;
  const ms = typeof text === "string" ? parseDuration(text) : undefined;
  return ms === undefined ? undefined : { text: String(text), ms, written: value !== undefined };
};

/** Names the one that is written in the file; of two, the longer one. */
const wrongOrder = (data: unknown, connection: number, { section, shorter, longer, why }: Order): Finding[] => {
  const path = ["connections", connection, section];
  const low = durationAt(data, [...path, shorter]);
  const high = durationAt(data, [...path, longer]);
  if (!low || !high || low.ms < high.ms) return [];
  if (high.written) {
    const message = `must be longer than ${section}.${shorter} (${low.text}), ${why}`;
    return [{ path: [...path, longer], message, example: `${Math.ceil((low.ms * 3) / 1000)}s` }];
  }
  return [{ path: [...path, shorter], message: `must be shorter than ${section}.${longer} (${high.text}), ${why}` }];
};

const openListener = (data: unknown): Finding[] => {
  const address = valueAt(data, ["listen", "address"]);
  const secured = valueAt(data, ["listen", "tls"]) !== undefined;
  const plain = valueAt(data, ["listen", "plain_http"]) === true;
  if (secured && plain)
    return [{ path: ["listen", "plain_http"], message: "contradicts listen.tls: keep one of them", example: "false" }];
  if (typeof address !== "string" || !isIPv4(address) || containsAddress(LOOPBACK, address) || plain || secured) return [];
  const message = "is beyond loopback, where nothing is served without listen.tls ({} is enough), or listen.plain_http: true";
  return [{ path: ["listen", "address"], message }];
};

/** What the schema cannot say: rules between keys. Looks at the raw data, so that it finds its problems beside the schema's. */
export const brokenRules = (data: unknown): Finding[] => [
  ...repeatedConnections(data),
  ...repeatedLinks(data),
  ...list(data, ["connections"]).flatMap((_, index) => [
    ...overlappingSubnets(data, index),
    ...ORDERS.flatMap((order) => wrongOrder(data, index, order)),
  ]),
  ...openListener(data),
];
