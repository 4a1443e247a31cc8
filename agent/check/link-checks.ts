import type { LinkStatus } from "../model/privatelink.ts";
import type { Status } from "../model/status.ts";
import { verdictOf } from "./borrowed.ts";
import { ok, skipped, type Verdict } from "./result.ts";
import { type CheckSpec, defineCheck } from "./spec.ts";

/** What the agent's newest look at the link has proven. */
const provenVerdict = ({ name, status, herokuStatus, endpointState, proof }: LinkStatus): Verdict => {
  const about = { link: name };
  if (proof?.trouble === null && status === "ok")
    return ok(`${proof.said || "the far end answers"}, by ${proof.hostname}`, about);
  const sides = [herokuStatus && `Heroku says ${herokuStatus}`, endpointState && `AWS says ${endpointState}`].filter(Boolean);
  return skipped(`It is not proven yet${sides.map((side) => `; ${side}`).join("")}.`, "spacegate status --watch", about);
};

const linkVerdicts = ({ privatelinks = [], warnings }: Status): Verdict[] =>
  privatelinks.flatMap((link) => {
    const own = warnings.filter((warning) => warning.link === link.name);
    if (own.length === 0) return [provenVerdict(link)];
    return own.map((warning) => ({ ...verdictOf(warning), as: { code: warning.code, title: warning.title } }));
  });

/** Borrowed from the agent: which names and addresses are right is AWS's word, which only the daemon asks for. */
export const LINK_CHECKS: readonly CheckSpec[] = [
  defineCheck({
    code: "link-down",
    title: "PrivateLink carries",
    group: "PrivateLink",
    needs: ["settings", "agent"],
    judge: ({ settings, agent }) => (settings.privatelinks.length === 0 ? [ok("none is declared")] : linkVerdicts(agent)),
  }),
];
