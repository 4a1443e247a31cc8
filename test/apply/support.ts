import { type CommandRunner, systemCommands } from "../../agent/apply/command.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { Secret } from "../../agent/lib/secret.ts";
import type { DesiredFile, DesiredTunnel } from "../../agent/model/desired.ts";
import type { ObservedConn } from "../../agent/model/observed.ts";

export { failureOf, logLines, ManualClock, putOnPath, temporaryDirectory, writeProgram } from "../lib/support.ts";

export const PSK = "abcdef12345";

export const tunnel = (changes: Partial<DesiredTunnel> = {}): DesiredTunnel => ({
  conn: "sg-acme-space-office-1",
  ref: { space: "acme-space", name: "office" },
  index: 1,
  routing: "vti",
  local: "203.0.113.10",
  remote: "34.203.187.158",
  ikeVersion: 1,
  spaceCidr: "10.0.0.0/16",
  localTs: "172.16.0.0/16",
  remoteTs: "10.0.0.0/16",
  psk: new Secret(PSK),
  ikeProposal: "aes256-sha256-modp2048",
  espProposal: "aes256-sha256-modp2048",
  ikeLifetimeS: 28_800,
  childLifetimeS: 3600,
  dpdDelayS: 10,
  dpdTimeoutS: 30,
  mark: 16_384,
  link: "sgvti16384",
  probeMark: 20_480,
  ...changes,
});

/** The conn as charon would hold it. */
export const held = (wanted: DesiredTunnel, changes: Partial<ObservedConn> = {}): ObservedConn => ({
  name: wanted.conn,
  version: wanted.ikeVersion,
  localAddrs: [wanted.local],
  remoteAddrs: [wanted.remote],
  children: new Map([[wanted.conn, { localTs: [wanted.localTs], remoteTs: [wanted.remoteTs] }]]),
  ...changes,
});

export const desiredFile = (path: string, changes: Partial<DesiredFile> = {}): DesiredFile => ({
  path,
  mode: 0o644,
  content: new Secret("conn new\n"),
  shown: "conn new\n",
  role: "ipsec.conf",
  ...changes,
});

/** Runs `program` wherever another one is asked for, with the same arguments. */
export const insteadOf = (asked: string, program: string): CommandRunner => ({
  run: (file, args, timeoutMs) => {
    if (file !== asked) throw new Error(`nobody expected ${file}`);
    return systemCommands.run(program, args, timeoutMs);
  },
});

/** A command runner that notes what it is asked for and says what it is told to. */
export const recordingCommands = (
  answer: (line: string) => { exitCode: number; output: string } = () => ({ exitCode: 0, output: "" }),
) => {
  const lines: string[] = [];
  const commands: CommandRunner = {
    run: async (file, args) => {
      const line = [file, ...args].join(" ");
      lines.push(line);
      return answer(line);
    },
  };
  return { lines, commands };
};

export const refused = (reason: string): SpacegateError =>
  new SpacegateError("VICI_COMMAND_FAILED", `charon refused: ${reason}`, { fix: "", details: { reason } });
