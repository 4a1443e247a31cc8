import type { Outlook, PublicAddress } from "../check/facts.ts";
import { problemTrouble } from "../loop/status-view.ts";
import { type Connection, connectionKey, isExpectedAddress } from "../model/connection.ts";
import type { ConnectionSettings } from "../model/settings.ts";
import { type Problem, validateConnection } from "../plan/validate.ts";
import type { Opened } from "./open.ts";

const isAboutAddress = ({ field }: Problem): boolean => isExpectedAddress(field);

/** The plan judges by settings and interfaces; the cloud may know the public address better. */
const addressProblems = (connection: Connection, own: ConnectionSettings, { addresses }: PublicAddress): Problem[] => {
  const [only, ...more] = addresses;
  const local = only !== undefined && more.length === 0 ? { ...own.local, public_address: only } : own.local;
  const facts = { vti: false, sourceAddress: {}, addresses, devices: {}, memoryBytes: 0 };
  return validateConnection(connection, { ...own, local }, facts).filter(isAboutAddress);
};

const problemsOf = ({ gateway, sources }: Opened, planned: readonly Problem[], known: readonly PublicAddress[]): Problem[] => {
  const judged = new Set(known.map(({ ref }) => connectionKey(ref)));
  const better = sources.states().flatMap(({ connection, ref }) => {
    const own = gateway.settings.connections.find((one) => connectionKey(one) === connectionKey(ref));
    const address = known.find((one) => connectionKey(one.ref) === connectionKey(ref));
    return own && connection && address ? addressProblems(connection, own, address) : [];
  });
  return [...planned.filter((problem) => !isAboutAddress(problem) || !judged.has(problem.connection)), ...better];
};

/** What a plan made now would say; nothing is carried out. Rejects as `Gateway.preview` does. */
export const lookOut = async (opened: Opened, standalone: boolean, known: readonly PublicAddress[]): Promise<Outlook> => {
  const { gateway } = opened;
  const { result, observed } = await gateway.preview();
  const { status } = gateway;
  const problems = problemsOf(opened, result.problems, known);
  return {
    tunnels: result.desired.tunnels,
    problems: problems.map((problem) => ({ ...problem, ...problemTrouble(problem) })),
    warnings: status.warnings,
    // Not what was observed: a preview assumes a charon where there is none.
    charon: status.charon.running ? status.charon.via : "absent",
    sas: observed.charon.kind === "running" ? observed.charon.sas : [],
    firewall: status.firewall,
    standalone,
  };
};
