import { agentCommand } from "../agent.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import type { Lab } from "../lab.ts";

/** A link in the body of /healthz. */
export interface LinkBody {
  readonly name: string;
  readonly status: string;
  readonly endpoint: string;
  readonly endpoint_state: string;
  readonly heroku_state: string;
  readonly dns: string | null;
  readonly answered: boolean | null;
  readonly reason: string;
}

interface Body {
  readonly status: string;
  readonly privatelinks: readonly LinkBody[];
  readonly warnings: readonly { readonly code: string; readonly link?: string; readonly text: string; readonly fix: string }[];
}

/** What is told of the links and of the tunnels beside them. */
export interface Told extends Body {
  readonly code: number;
}

const ask = async (lab: Lab): Promise<Told | undefined> => {
  const answer = await lab.http("/healthz");
  return answer?.body.startsWith("{") ? { code: answer.status, ...(JSON.parse(answer.body) as Body) } : undefined;
};

/** Asks /healthz until the only link is as wanted; an agent that has been killed meanwhile does not answer. */
export const untilLink = (
  lab: Lab,
  what: string,
  timeoutSeconds: number,
  holds: (link: LinkBody, told: Told) => boolean,
): Promise<{ readonly link: LinkBody; readonly told: Told }> =>
  waitUntil(
    `the link to be ${what}`,
    timeoutSeconds,
    async () => {
      lab.checkAgentRuns();
      const told = await ask(lab);
      const [link] = told?.privatelinks ?? [];
      if (told && link && holds(link, told)) return { done: true, value: { link, told } };
      return { done: false, seen: told ? JSON.stringify(told) : "no answer" };
    },
    200,
  );

const METRICS = ["up", "heroku_operational", "endpoint_available", "dns_inside", "tcp_connected", "answered"];

/** Everything that tells of links says that this one is well. */
export const checkToldWell = async (lab: Lab, name: string): Promise<void> => {
  const { told } = await untilLink(lab, "ok beside the tunnels", 10, (_, { code, status }) => code === 200 && status === "ok");
  checkEqual(told.warnings, [], "the warnings");
  const metrics = (await lab.http("/metrics"))?.body ?? "";
  for (const metric of METRICS)
    check(
      metrics.includes(`\nspacegate_privatelink_${metric}{link="${name}"} 1\n`),
      `spacegate_privatelink_${metric} should be 1`,
    );
  const { stdout } = await lab.inGateway(agentCommand("status"), true);
  const words = [`PrivateLink ${name}`, "Heroku says Operational", "available", "its name leads through the endpoint"];
  const missing = words.filter((one) => !stdout.replaceAll(/\s+/g, " ").includes(one));
  checkEqual(missing, [], `what spacegate status should also say (${stdout})`);
};
