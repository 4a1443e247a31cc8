/* `prove.ts TARGET`: one look at a link, as the daemon takes it. TARGET and the proof on standard output are JSON. */
import { systemClock } from "../../../agent/lib/clock.ts";
import { Secret } from "../../../agent/lib/secret.ts";
import { resolverOf } from "../../../agent/privatelink/observe/dns.ts";
import { type ProofTarget, prove } from "../../../agent/privatelink/observe/prove.ts";

const target = JSON.parse(process.argv[2] ?? "") as ProofTarget;
const password = process.env.LINK_PASSWORD;
const login = password === undefined ? {} : { login: { user: "", password: new Secret(password) } };
const deps = { clock: systemClock, resolve: resolverOf() };
console.log(JSON.stringify(await prove({ ...target, ...login }, deps, AbortSignal.timeout(30_000))));
