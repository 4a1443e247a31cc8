import type { Warning } from "../model/status.ts";
import { failed, ok, type Verdict, warned } from "./result.ts";

const aboutOf = ({ connection, tunnel, link }: Warning): Pick<Verdict, "connection" | "tunnel" | "link"> => ({
  ...(connection === undefined ? {} : { connection }),
  ...(tunnel === undefined ? {} : { tunnel }),
  ...(link === undefined ? {} : { link }),
});

/** A declared warning in the words that /healthz has for it. One that is only told for the reader's information does not fail. */
export const verdictOf = (warning: Warning): Verdict => {
  const tell = warning.severity === "info" ? warned : failed;
  return tell(warning.text, warning.fix, aboutOf(warning));
};

/** The declared warnings of one code, or that there is none. */
export const fromWarnings = (warnings: readonly Warning[], code: string, whenWell: string): readonly Verdict[] => {
  const found = warnings.filter((warning) => warning.code === code);
  return found.length > 0 ? found.map(verdictOf) : [ok(whenWell)];
};
