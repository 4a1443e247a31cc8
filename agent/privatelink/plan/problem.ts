import type { ErrorCode } from "../../lib/error-codes.ts";
import type { LinkProblem } from "../../model/privatelink-plan.ts";

/** What has to be solved before anything is changed. */
export const problem = (code: ErrorCode, text: string, fix: string): LinkProblem => ({ code, text, fix, blocking: true });

/** What somebody should know, and what changes nothing about what can be done. */
export const notice = (code: ErrorCode, text: string, fix: string): LinkProblem => ({ code, text, fix, blocking: false });
