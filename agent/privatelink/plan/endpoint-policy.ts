type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const parse = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One way to write what IAM takes for the same: keys and lists in order, a list of one as its only entry, * as { AWS: * }. */
const canonical = (value: Json): Json => {
  if (Array.isArray(value)) {
    const entries = value.map(canonical);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) return only;
    return entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (!isObject(value)) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, one]) => [key, key === "Principal" && isAnyone(one) ? "*" : canonical(one)]));
};

const isAnyone = (principal: Json): boolean =>
  isObject(principal) && Object.keys(principal).length === 1 && principal.AWS !== undefined && canonical(principal.AWS) === "*";

const statementsOf = (text: string): Json | undefined => {
  const document = parse(text);
  return document !== undefined && isObject(document) && document.Statement !== undefined
    ? canonical(document.Statement)
    : undefined;
};

/** True for a JSON object with a Statement, which is what AWS takes for a policy. */
export const isPolicy = (text: string): boolean => statementsOf(text) !== undefined;

/** What AWS attaches when none is given. */
const FULL_ACCESS = '{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}';

/** True when an endpoint without a policy of its own would let through just the same. */
export const isFullAccess = (text: string): boolean =>
  text === "" || JSON.stringify(statementsOf(text)) === JSON.stringify(canonical(JSON.parse(FULL_ACCESS) as Json));

/** True when both texts say the same, however they are laid out. */
export const samePolicy = (a: string, b: string): boolean => {
  const [first, second] = [statementsOf(a), statementsOf(b)];
  return first !== undefined && second !== undefined && JSON.stringify(first) === JSON.stringify(second);
};
