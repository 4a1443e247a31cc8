import { SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Step, StepKind } from "../model/step.ts";
import { describeStep } from "../model/step-text.ts";
import type { BringUp } from "./bring-up.ts";
import { type CharonDeps, checkProposals, rereadSecrets, restartCharon, startCharon, updateConns } from "./charon.ts";
import { keepOriginal, writeFile } from "./files.ts";
import { applyFirewall, type FirewallDeps, removeFirewall } from "./firewall.ts";
import type { LedgerStore } from "./ledger.ts";
import {
  addLink,
  addRule,
  changeLink,
  deleteLink,
  deleteRoute,
  deleteRule,
  type IpCommands,
  replaceRoute,
  setSysctl,
} from "./network.ts";

/** charon's part in ending and renewing SAs. */
export interface SaControl {
  terminate(options: { ikeId: number; force: boolean; timeoutMs: number }): Promise<number>;
  rekey(options: { ikeId: number; reauth: boolean }): Promise<number>;
}

export interface ApplyDeps {
  /** Put before every path on the host; "/" on a real one. */
  readonly root: string;
  readonly ip: IpCommands;
  readonly charon: CharonDeps;
  readonly sas: SaControl;
  readonly bringUp: BringUp;
  readonly ledger: LedgerStore;
  readonly firewall: FirewallDeps;
  readonly log: Log;
}

type Executors = { readonly [K in StepKind]: (step: Extract<Step, { kind: K }>, deps: ApplyDeps) => Promise<unknown> };

/**
 * charon sends its DELETE and forgets the SA: with IKEv1 at once, with IKEv2 when the peer has answered or this time is over. Then
 * it calls the command failed although the SA is gone; should one be left, the next pass sees it.
 */
const TERMINATE = { force: true, timeoutMs: 300 } as const;

const terminate = async (sas: SaControl, uniqueId: number): Promise<void> => {
  try {
    await sas.terminate({ ikeId: uniqueId, ...TERMINATE });
  } catch (thrown) {
    if (!(thrown instanceof SpacegateError && thrown.code === "VICI_COMMAND_FAILED")) throw thrown;
  }
};

const EXECUTORS: Executors = {
  "check-proposals": ({ tunnel }, { charon }) => checkProposals(charon, tunnel),
  "keep-original": ({ path, keptAs }, { root }) => keepOriginal(root, path, keptAs),
  "write-file": ({ file }, { root, charon }) => writeFile(root, charon.commands, file),
  "start-charon": async ({ tunnels, loaded }, { charon, ledger }) => {
    await startCharon(charon, tunnels);
    await ledger.noteLoaded(loaded);
  },
  "restart-charon": async ({ tunnels, loaded }, { charon, ledger }) => {
    await restartCharon(charon, tunnels);
    await ledger.noteLoaded(loaded);
  },
  "add-link": ({ link }, { ip }) => addLink(ip, link),
  "change-link": ({ link }, { ip }) => changeLink(ip, link),
  "delete-link": ({ name }, { ip }) => deleteLink(ip, name),
  "set-sysctl": ({ sysctl }, { root }) => setSysctl(root, sysctl),
  "replace-route": ({ route }, { ip }) => replaceRoute(ip, route),
  "delete-route": ({ route }, { ip }) => deleteRoute(ip, route),
  "add-rule": ({ rule }, { ip }) => addRule(ip, rule),
  "delete-rule": ({ rule }, { ip }) => deleteRule(ip, rule),
  "apply-firewall": (step, { firewall }) => applyFirewall(firewall, step),
  "remove-firewall": (_step, { firewall }) => removeFirewall(firewall),
  "reread-secrets": async ({ loaded }, { charon, ledger }) => {
    await rereadSecrets(charon);
    await ledger.noteLoaded(loaded);
  },
  "update-conns": async ({ tunnels, loaded }, { charon, ledger }) => {
    await updateConns(charon, tunnels);
    await ledger.noteLoaded(loaded);
  },
  reauthenticate: async ({ conn, uniqueId, pskFingerprint }, { sas, ledger }) => {
    await sas.rekey({ ikeId: uniqueId, reauth: true });
    await ledger.noteAuthenticated(conn, pskFingerprint);
  },
  "terminate-ike": ({ uniqueId }, { sas }) => terminate(sas, uniqueId),
  initiate: async ({ tunnel, pskFingerprint }, { bringUp, ledger }) =>
    bringUp.start(tunnel.conn, () => ledger.noteAuthenticated(tunnel.conn, pskFingerprint)),
};

/** Carries out one step. Rejects with the SpacegateError of what failed. */
export const execute = async (step: Step, deps: ApplyDeps): Promise<void> => {
  deps.log.info({ step: step.kind }, describeStep(step));
  const executor = EXECUTORS[step.kind] as (step: Step, deps: ApplyDeps) => Promise<unknown>;
  await executor(step, deps);
};
