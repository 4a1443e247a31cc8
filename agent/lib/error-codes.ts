import { AGENT_ERRORS } from "./error-codes-agent.ts";
import { AWS_ERRORS } from "./error-codes-aws.ts";
import { COMMAND_ERRORS } from "./error-codes-commands.ts";
import { HEROKU_ERRORS } from "./error-codes-heroku.ts";

/** The declared list of errors: an error with a code that is not here does not compile. */
export const ERROR_CODES = { ...AGENT_ERRORS, ...COMMAND_ERRORS, ...HEROKU_ERRORS, ...AWS_ERRORS };

/** Stable codes: what went wrong, for people's searches and for scripts. */
export type ErrorCode = keyof typeof ERROR_CODES;
