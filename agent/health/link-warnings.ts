import type { Severity } from "../model/status.ts";
import type { WarningSpec } from "./spec.ts";

interface LinkWarning {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  readonly advice: string;
  readonly dependsOn?: readonly string[];
  readonly visibleAfterMs?: number;
}

const MINUTE_MS = 60_000;

/** Who looks after a link has found the words already: each trouble is shown under its code. */
const declared = ({ dependsOn = [], visibleAfterMs = 0, ...warning }: LinkWarning): WarningSpec => ({
  ...warning,
  dependsOn,
  visibleAfterMs,
  about: "link",
  find: ({ privatelinks }) =>
    privatelinks.flatMap(({ name, troubles }) =>
      troubles.filter(({ code }) => code === warning.code).map(({ text, fix }) => ({ text, fix, link: name })),
    ),
});

/** About PrivateLinks. */
export const LINK_WARNINGS: readonly WarningSpec[] = [
  declared({
    code: "link-down",
    title: "A PrivateLink carries nothing",
    severity: "critical",
    advice:
      "The message tells how far it comes: TCP connection, TLS, the service's own answer. Security group first, then the service.",
    dependsOn: ["link-rejected", "link-failed"],
  }),
  declared({
    code: "link-dns-internet",
    title: "A PrivateLink's name leads over the internet",
    severity: "critical",
    advice: "Use the endpoint's own name, or private_dns: true with the VPC's DNS attributes on, and the VPC's own resolver.",
    dependsOn: ["link-rejected", "link-failed"],
  }),
  declared({
    code: "link-dns-nowhere",
    title: "A PrivateLink's name leads nowhere",
    severity: "critical",
    advice: "See that this host asks the VPC's resolver; the service's own name needs private_dns: true.",
    dependsOn: ["link-rejected", "link-failed"],
  }),
  declared({
    code: "link-rejected",
    title: "A PrivateLink's endpoint was rejected",
    severity: "critical",
    advice: "See that Heroku (or the service's owner) lets this AWS account in; then disconnect and connect again.",
  }),
  declared({
    code: "link-failed",
    title: "A PrivateLink could not be made",
    severity: "critical",
    advice: "The message has the provider's words. Remove what has failed with the command that it names, and connect again.",
  }),
  declared({
    code: "link-address-silent",
    title: "A PrivateLink does not carry in every zone",
    severity: "warning",
    advice: "See the endpoint's network interface, network ACL and the service's targets in that zone.",
    visibleAfterMs: 2 * MINUTE_MS,
  }),
  declared({
    code: "link-certificate-expiring",
    title: "The certificate behind a PrivateLink expires soon",
    severity: "warning",
    advice: "Its owner must renew it; clients that check it will refuse the service afterwards.",
  }),
  declared({
    code: "link-acceptance-pending",
    title: "A PrivateLink waits to be accepted",
    severity: "warning",
    advice: "Heroku accepts by itself an account that it lets in; of another service ask the owner to accept the endpoint.",
    visibleAfterMs: 15 * MINUTE_MS,
  }),
  declared({
    code: "link-provisioning-long",
    title: "A PrivateLink takes long to be made",
    severity: "warning",
    advice: "See both sides' states in `spacegate status`; Heroku and AWS take 5 to 10 minutes each.",
    visibleAfterMs: 30 * MINUTE_MS,
  }),
  declared({
    code: "link-zone",
    title: "A PrivateLink's subnet is in a zone without the service",
    severity: "warning",
    advice: "The message names subnets in zones that the service has: put those into `subnets`.",
  }),
  declared({
    code: "link-account",
    title: "Heroku does not let this AWS account in",
    severity: "warning",
    advice: "Add the account, or the role that the agent works as, to `accounts`.",
  }),
  declared({
    code: "link-foreign",
    title: "Something in AWS stands where a PrivateLink should be",
    severity: "warning",
    advice: "The agent changes nothing that it did not make: remove it, or rename the link.",
  }),
  declared({
    code: "link-refused",
    title: "A PrivateLink cannot be as declared",
    severity: "warning",
    advice: "The message names what AWS has and what the settings say: correct the one or the other.",
  }),
  declared({
    code: "link-credentials",
    title: "AWS takes no credentials of the agent's",
    severity: "warning",
    advice: "Give the instance a profile, or the service AWS_PROFILE or a credentials file.",
  }),
  declared({
    code: "link-forbidden",
    title: "AWS does not allow what a PrivateLink needs",
    severity: "warning",
    advice: "The message names the action; `spacegate privatelink policy` prints a policy with all of them.",
  }),
  declared({
    code: "link-throttled",
    title: "AWS limits the agent's questions",
    severity: "info",
    advice: "Nothing to do: the agent waits. If it lasts, raise check_interval or see who else asks.",
    visibleAfterMs: 5 * MINUTE_MS,
  }),
  declared({
    code: "link-aws-unavailable",
    title: "AWS does not answer",
    severity: "warning",
    advice: "Links that carry go on. Check name resolution, proxy and the way to AWS's endpoints.",
    visibleAfterMs: 2 * MINUTE_MS,
  }),
  declared({
    code: "link-heroku",
    title: "Heroku's side of a PrivateLink cannot be read or made",
    severity: "warning",
    advice: "The message names token, app, add-on or network. Links that carry go on.",
    visibleAfterMs: MINUTE_MS,
  }),
];
