/** failed: something is wrong and the fix says what to do. warning: it works, but not as it should. skipped: it could not be looked at. */
export type CheckStatus = "ok" | "failed" | "warning" | "skipped";

/** What one check found, about the host or about one connection, tunnel or PrivateLink. */
export interface Verdict {
  readonly status: CheckStatus;
  /** What was found, or why it could not be looked at, as a sentence. */
  readonly text: string;
  /** What to do; with every failure and warning, and where a person can find out what the check could not. */
  readonly fix?: string;
  /** "acme-space/office" */
  readonly connection?: string;
  readonly tunnel?: 1 | 2;
  /** A PrivateLink's name. */
  readonly link?: string;
  /** Where a check tells several troubles apart: the one that was found, with a title of its own where it has one. */
  readonly as?: { readonly code: string; readonly title?: string };
}

export const GROUPS = ["Heroku", "strongSwan", "Kernel", "Way to Heroku", "Host", "Tunnels", "PrivateLink"] as const;
export type Group = (typeof GROUPS)[number];

/** One line of the report. */
export interface CheckResult extends Omit<Verdict, "as"> {
  /** Names the trouble that the check looks for; stable. The same as the warning's or reason's on /healthz where there is one. */
  readonly code: string;
  readonly title: string;
  readonly group: Group;
}

export interface CheckReport {
  /** False when a check failed. */
  readonly ok: boolean;
  readonly results: readonly CheckResult[];
}

type About = Pick<Verdict, "connection" | "tunnel" | "link">;

export const ok = (text: string, about: About = {}): Verdict => ({ status: "ok", text, ...about });

export const failed = (text: string, fix: string, about: About = {}): Verdict => ({ status: "failed", text, fix, ...about });

export const warned = (text: string, fix: string, about: About = {}): Verdict => ({ status: "warning", text, fix, ...about });

/** `find`: how a person can find out all the same. */
export const skipped = (text: string, find?: string, about: About = {}): Verdict => ({
  status: "skipped",
  text,
  ...(find === undefined ? {} : { fix: find }),
  ...about,
});
