import { OWN_HEADER } from "../lib/own-header.ts";
import { Secret } from "../lib/secret.ts";
import type { Desired, DesiredFile, DesiredTunnel } from "../model/desired.ts";
import type { Observed, ObservedFile } from "../model/observed.ts";
import type { StrongswanPaths } from "../model/paths.ts";
import type { Step } from "../model/step.ts";

/** Files that the owner had before the agent came are kept once under this name, beside the agent's. */
export const keptName = (path: string): string => `${path}.before-spacegate`;

/** Whether the agent wrote the file. */
export const isOurs = (file: ObservedFile): boolean => file.content.reveal().startsWith(OWN_HEADER);

const isRight = (file: DesiredFile, found: ObservedFile | undefined): boolean =>
  found !== undefined && found.mode === file.mode && found.content.equals(file.content);

const writeSteps = (file: DesiredFile, observed: Observed): Step[] => {
  const found = observed.files[file.path];
  if (isRight(file, found)) return [];
  const write: Step = { kind: "write-file", file };
  const foreign = found !== undefined && !isOurs(found) && file.role !== "include";
  if (!foreign || observed.files[keptName(file.path)]) return [write];
  return [{ kind: "keep-original", path: file.path, keptAs: keptName(file.path) }, write];
};

const INCLUDE_MARK = "# spacegate: the next line is the agent's";

/** The owner's main file with the agent's include line in it; everything else stays as it is. */
export const withInclude = (main: string, included: string): string => {
  const line = `include ${included}`;
  if (main.split("\n").some((existing) => existing.trim() === line)) return main;
  const gap = main === "" || main.endsWith("\n") ? "" : "\n";
  return `${main}${gap}${INCLUDE_MARK}\n${line}\n`;
};

/**
 * The owner's main file. One that the agent wrote, in `own` mode before, has conns and PSKs that belong into the included
 * file now: what the owner had before takes its place.
 */
const ownersMain = (path: string, observed: Observed): ObservedFile | undefined => {
  const found = observed.files[path];
  return found && isOurs(found) ? observed.files[keptName(path)] : found;
};

/** In include mode, the main files that take the include line. */
export const includeFiles = (
  desired: Desired,
  files: readonly DesiredFile[],
  observed: Observed,
  paths: StrongswanPaths,
): DesiredFile[] => {
  if (desired.installMode === "own") return [];
  const mains = { "ipsec.conf": { path: paths.conf, mode: 0o644 }, "ipsec.secrets": { path: paths.secrets, mode: 0o600 } };
  return files.flatMap((file): DesiredFile[] => {
    if (file.role !== "ipsec.conf" && file.role !== "ipsec.secrets") return [];
    const main = mains[file.role];
    const found = ownersMain(main.path, observed);
    return [
      {
        role: "include",
        path: main.path,
        mode: found?.mode ?? main.mode,
        content: new Secret(withInclude(found?.content.reveal() ?? "", file.path)),
        // The owner's secrets may be in there, so nothing but the agent's own line is shown.
        shown: `(the owner's text, and)\n${INCLUDE_MARK}\ninclude ${file.path}\n`,
      },
    ];
  });
};

const proposalsOf = (tunnel: DesiredTunnel): string => `${tunnel.ikeVersion} ${tunnel.ikeProposal} ${tunnel.espProposal}`;

/** One look at each set of proposals that a changed ipsec.conf would bring, before it goes in. */
const proposalChecks = (desired: Desired, writes: readonly Step[], observed: Observed): Step[] => {
  const confChanges = writes.some((step) => step.kind === "write-file" && step.file.role === "ipsec.conf");
  if (!confChanges || observed.charon.kind !== "running" || observed.charon.via !== "vici") return [];
  const different = new Map(desired.tunnels.map((tunnel) => [proposalsOf(tunnel), tunnel]));
  return [...different.values()].map((tunnel) => ({ kind: "check-proposals", tunnel }));
};

/** An owner's template may write them with other blanks than the built-in one. */
const connsIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^[ \t]*conn[ \t]+(\S+)/gm)].map((match) => match[1] ?? ""));

/** Whether a file on disk still has conns of a connection that cannot be planned now: then the file must stay as it is. */
export const holdsMissing = (
  desiredFiles: readonly DesiredFile[],
  observed: Observed,
  missingConns: readonly string[],
): boolean =>
  desiredFiles
    .filter((file) => file.role === "ipsec.conf")
    .some((file) => {
      const present = connsIn(observed.files[file.path]?.content.reveal() ?? "");
      return missingConns.some((conn) => present.has(conn));
    });

/** What must happen to files, in order: the daemon's fragment, the secrets, the conns, the includes. */
export const fileSteps = (
  desired: Desired,
  files: readonly DesiredFile[],
  observed: Observed,
  paths: StrongswanPaths,
): Step[] => {
  const writes = [...files, ...includeFiles(desired, files, observed, paths)].flatMap((file) => writeSteps(file, observed));
  return [...proposalChecks(desired, writes, observed), ...writes];
};
