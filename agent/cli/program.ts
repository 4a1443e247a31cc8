import { Command } from "commander";
import { addDrill, type DrillOptions } from "./drill.ts";
import { addMonitoring, type MonitoringCommandOptions } from "./monitoring.ts";
import { addOnce, type OnceOptions } from "./once.ts";
import type { Finish } from "./options.ts";
import { addPlan, type PlanOptions } from "./plan.ts";
import { addRun, type RunOptions } from "./run.ts";
import { addSchema } from "./schema.ts";
import { addStatus, type StatusOptions } from "./status.ts";

/** What each command does; resolves with the exit code. */
export interface Actions {
  run(options: RunOptions): Promise<number>;
  once(options: OnceOptions): Promise<number>;
  plan(options: PlanOptions): Promise<number>;
  status(options: StatusOptions): Promise<number>;
  schema(): Promise<number>;
  drill(options: DrillOptions): Promise<number>;
  monitoring(options: MonitoringCommandOptions): Promise<number>;
}

/** The command line. `done` receives each command's exit code. */
export const buildProgram = (version: string, actions: Actions, done: (exitCode: number) => void): Command => {
  const program = new Command("spacegate")
    .description("Keeps both tunnels of a Heroku Private Space VPN connection up on strongSwan")
    .version(version)
    // Before any command is added: they inherit it. commander itself says 1 for wrong usage.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .showHelpAfterError("(spacegate --help tells more)")
    .addHelpText("after", "\nExit codes: 0 as wanted; 1 degraded, refused or failed; 2 wrong usage; 3 invalid settings.");
  const finish: Finish = (act) => async (options) => done(await act(options));
  addRun(program, finish, actions.run);
  addOnce(program, finish, actions.once);
  addPlan(program, finish, actions.plan);
  addDrill(program, finish, actions.drill);
  addMonitoring(program, finish, actions.monitoring);
  addStatus(program, finish, actions.status);
  addSchema(program, finish, actions.schema);
  return program;
};
