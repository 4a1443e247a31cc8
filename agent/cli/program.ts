import { Command } from "commander";
import { addBundle, type BundleOptions } from "./bundle.ts";
import { addCheck, type CheckOptions } from "./check.ts";
import { addCompletion, type CompletionOptions } from "./completion.ts";
import { addDrain, type DrainOptions } from "./drain.ts";
import { addDrill, type DrillOptions } from "./drill.ts";
import { addExplain, type ExplainOptions } from "./explain.ts";
import { addFirstBoot, type FirstBootOptions } from "./first-boot.ts";
import { addMan, type ManOptions } from "./man.ts";
import { addMonitoring, type MonitoringCommandOptions } from "./monitoring.ts";
import { addOnce, type OnceOptions } from "./once.ts";
import type { Finish } from "./options.ts";
import { addPlan, type PlanOptions } from "./plan.ts";
import { addPrivatelink, type PrivatelinkActions } from "./privatelink.ts";
import { addRun, type RunOptions } from "./run.ts";
import { addSchema } from "./schema.ts";
import { addSetup, type SetupOptions } from "./setup.ts";
import { addStatus, type StatusOptions } from "./status.ts";
import { addTls, type TlsOptions } from "./tls.ts";
import { addVpn, type VpnOptions } from "./vpn.ts";

/** What each command does; resolves with the exit code. */
export interface Actions extends PrivatelinkActions {
  run(options: RunOptions): Promise<number>;
  once(options: OnceOptions): Promise<number>;
  plan(options: PlanOptions): Promise<number>;
  status(options: StatusOptions): Promise<number>;
  bundle(options: BundleOptions): Promise<number>;
  check(options: CheckOptions): Promise<number>;
  setup(options: SetupOptions): Promise<number>;
  vpn(options: VpnOptions): Promise<number>;
  tls(options: TlsOptions): Promise<number>;
  schema(): Promise<number>;
  explain(options: ExplainOptions): Promise<number>;
  completion(options: CompletionOptions): Promise<number>;
  man(options: ManOptions): Promise<number>;
  drill(options: DrillOptions): Promise<number>;
  drain(options: DrainOptions): Promise<number>;
  monitoring(options: MonitoringCommandOptions): Promise<number>;
  firstBoot(options: FirstBootOptions): Promise<number>;
}

/** The command line. `done` receives each command's exit code. */
export const buildProgram = (version: string, actions: Actions, done: (exitCode: number) => void): Command => {
  const program = new Command("spacegate")
    .description("Keeps both tunnels of a Heroku Private Space VPN connection up on strongSwan")
    .version(version)
    // Before any command is added: they inherit it. commander itself says 1 for wrong usage.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .showHelpAfterError("(spacegate --help tells more)")
    .addHelpText(
      "after",
      "\nExit codes: 0 as wanted; 1 degraded, refused or failed; 2 wrong usage; 3 invalid settings; 130 stopped by Ctrl-C.",
    );
  const finish: Finish = (act) => async (options) => done(await act(options));
  // As the help shows them: in the order in which they are needed.
  addSetup(program, finish, actions.setup);
  addPlan(program, finish, actions.plan);
  addRun(program, finish, actions.run);
  addOnce(program, finish, actions.once);
  addStatus(program, finish, actions.status);
  addCheck(program, finish, actions.check);
  addDrill(program, finish, actions.drill);
  addDrain(program, finish, actions.drain);
  addExplain(program, finish, actions.explain);
  addBundle(program, finish, actions.bundle);
  addVpn(program, finish, actions.vpn);
  addPrivatelink(program, finish, actions);
  addMonitoring(program, finish, actions.monitoring);
  addTls(program, finish, actions.tls);
  addFirstBoot(program, finish, actions.firstBoot);
  addCompletion(program, finish, actions.completion);
  addSchema(program, finish, actions.schema);
  addMan(program, finish, actions.man);
  return program;
};
