import * as z from "zod";
import { type ErrorCode, SpacegateError } from "./errors.ts";
import type { HttpAnswer } from "./http.ts";
import { redactText } from "./redact-text.ts";
import type { Secret } from "./secret.ts";
import { oneLine } from "./text.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Refusal {
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly fix: string;
}

const LATER = "Wait: the agent asks again by itself, and the tunnels are not affected.";

/** Sentences and fixes that differ with what Heroku is asked about. */
export interface Wording {
  /** It may not see it. */
  readonly forbidden: Omit<Refusal, "code">;
  /** It may not change it. */
  readonly notAllowed: Omit<Refusal, "code">;
  /** What to check when Heroku does not understand the question. */
  readonly question: string;
  /** What answers in Heroku's place, and where that is set. */
  readonly stranger: Omit<Refusal, "code">;
}

const VPN_WORDING: Wording = {
  forbidden: {
    sentence: "Heroku does not let this token see the connection",
    fix: "Use a token of a user who may view the space's VPN, and check that the account is in good standing.",
  },
  notAllowed: {
    sentence: "Heroku does not let this token change the space's VPN",
    fix: "Use a token of a user who may manage the space (a team admin), with scope write-protected or global, and check that the account is in good standing.",
  },
  question: "Check the space and the name in the settings.",
  stranger: {
    sentence: "what answers in Heroku's place knows nothing of VPN connections",
    fix: "Check HEROKU_HOST and the proxy.",
  },
};

type ByStatus = Readonly<Record<number, Refusal>>;

const byStatus = ({ forbidden, question, stranger }: Wording): ByStatus => {
  const unseen: Refusal = { code: "SOURCE_FORBIDDEN", ...forbidden };
  const unclear: Refusal = { code: "SOURCE_NOT_FOUND", sentence: "Heroku does not understand the question", fix: question };
  return {
    400: unclear,
    401: {
      code: "SOURCE_UNAUTHORIZED",
      sentence: "Heroku refuses the token",
      fix: "Make a new one with `heroku authorizations:create --description spacegate` and put it where the old one is.",
    },
    402: unseen,
    403: unseen,
    404: { code: "SOURCE_NOT_FOUND", ...stranger },
    407: {
      code: "SOURCE_UNAVAILABLE",
      sentence: "the proxy asks for a password",
      fix: "Put user and password into HTTPS_PROXY.",
    },
    422: unclear,
    429: { code: "SOURCE_RATE_LIMITED", sentence: "Heroku limits how often this account may ask", fix: LATER },
  };
};

const UNFIT: Refusal = {
  code: "HEROKU_REFUSED",
  sentence: "Heroku refuses the request",
  fix: "Correct what Heroku names and try again; nothing was changed.",
};

/** Where a change is asked for, some statuses mean something else than for a question. */
const byStatusOfChanges = ({ notAllowed }: Wording): ByStatus => {
  const refused: Refusal = { code: "SOURCE_FORBIDDEN", ...notAllowed };
  return {
    400: UNFIT,
    402: refused,
    403: refused,
    409: { ...UNFIT, sentence: "Heroku says that this conflicts with what is there" },
    422: UNFIT,
  };
};

const OTHER: Refusal = { code: "SOURCE_UNAVAILABLE", sentence: "Heroku cannot answer now", fix: LATER };

const errorSchema = z.object({ id: z.string(), message: z.string().optional() });

/** Heroku's own error object, undefined when the body is something else. */
const herokuError = (body: string): z.output<typeof errorSchema> | undefined => {
  try {
    return errorSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};

/** True when it is Heroku that says so, and not a web server in its place. */
export const isNotFound = (answer: HttpAnswer): boolean => answer.status === 404 && herokuError(answer.body)?.id === "not_found";

/** Milliseconds of a Retry-After header, seconds or an HTTP date; undefined when it says nothing usable. `now`: ms since the epoch. */
const retryAfterMs = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};

interface Asked {
  readonly about: string;
  readonly method: Method;
  readonly wording?: Wording | undefined;
}

/** The error for an answer that is of no use; details: {status, id?, retryAfterMs?}. */
export const refusalOf = (
  { about, method, wording = VPN_WORDING }: Asked,
  answer: HttpAnswer,
  token: Secret,
  now: number,
): SpacegateError => {
  const ofChange = method === "GET" ? undefined : byStatusOfChanges(wording)[answer.status];
  const { code, sentence, fix } = ofChange ?? byStatus(wording)[answer.status] ?? OTHER;
  const said = herokuError(answer.body);
  const words = said?.message ? `: ${oneLine(redactText(said.message, [token]))}` : "";
  const wait = retryAfterMs(answer.headers["retry-after"], now);
  return new SpacegateError(code, `${about}: ${sentence} (${answer.status}${words})`, {
    fix,
    details: {
      status: answer.status,
      ...(said ? { id: oneLine(redactText(said.id, [token])) } : {}),
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    },
  });
};
