import { Command, InvalidArgumentError, Option } from "commander";

export interface CommonOptions {
  /** The settings file, when named. */
  readonly config?: string;
  /** Put before every path on the host. */
  readonly root: string;
}

export interface RunOptions extends CommonOptions {
  readonly standalone?: boolean;
  readonly downOnExit?: boolean;
}

export interface PlanOptions extends CommonOptions {
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

export interface DrillOptions extends CommonOptions {
  /** "space/name"; undefined: the only one. */
  readonly connection?: string;
  readonly tunnel?: 1 | 2;
  readonly json?: boolean;
}

/** What each command does; resolves with the exit code. */
export interface Actions {
  run(options: RunOptions): Promise<number>;
  once(options: RunOptions & { readonly json?: boolean }): Promise<number>;
  plan(options: PlanOptions): Promise<number>;
  schema(): Promise<number>;
  drill(options: DrillOptions): Promise<number>;
}

const withCommon = (command: Command): Command =>
  command
    .addOption(new Option("--config <file>", "the settings file").env("SPACEGATE_CONFIG"))
    .option("--root <dir>", "put every path on the host below this directory: for tests, dry runs and image builds", "/");

const addRun = (program: Command, finish: Finish, actions: Actions): void => {
  withCommon(program.command("run"))
    .description("keep the tunnels up: the daemon")
    .option("--standalone", "start and stop strongSwan too, where no init system does")
    .option("--down-on-exit", "take the tunnels down on SIGTERM (for labs)")
    .addHelpText("after", "\nExample:\n  spacegate run --config /etc/spacegate/config.yaml")
    .action(finish((options: RunOptions) => actions.run(options)));
};

const addOnce = (program: Command, finish: Finish, actions: Actions): void => {
  withCommon(program.command("once"))
    .description("bring everything about once, wait for the tunnels, and exit: 0 as wanted, 1 otherwise")
    .option("--standalone", "start strongSwan too, where no init system does")
    .option("--json", "print the status as JSON")
    .addHelpText("after", "\nExample:\n  spacegate once --json")
    .action(finish((options: RunOptions & { readonly json?: boolean }) => actions.once(options)));
};

const addPlan = (program: Command, finish: Finish, actions: Actions): void => {
  withCommon(program.command("plan"))
    .description("show what a pass would change, and change nothing; PSKs are shown as fingerprints")
    .option("--json", 'print {"files":[…],"steps":[…]}')
    .option("--exit-code", "exit with 1 when changes are pending")
    .addHelpText("after", "\nExample:\n  spacegate plan --config ./config.yaml --root /tmp/dry-run")
    .action(finish((options: PlanOptions) => actions.plan(options)));
};

const tunnelNumber = (value: string): 1 | 2 => {
  if (value === "1") return 1;
  if (value === "2") return 2;
  throw new InvalidArgumentError("It must be 1 or 2.");
};

const addDrill = (program: Command, finish: Finish, actions: Actions): void => {
  withCommon(program.command("drill"))
    .description("take the carrying tunnel down on purpose and measure the outage; refused when the other one is not passing")
    .option("--connection <space/name>", "which connection; needed when there are several")
    .option("--tunnel <n>", "which tunnel, 1 or 2; without it the one that carries", tunnelNumber)
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  spacegate drill --connection acme-space/office")
    .action(finish((options: DrillOptions) => actions.drill(options)));
};

type Finish = <Options>(act: (options: Options) => Promise<number>) => (options: Options) => Promise<void>;

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
  addRun(program, finish, actions);
  addOnce(program, finish, actions);
  addPlan(program, finish, actions);
  addDrill(program, finish, actions);
  program
    .command("schema")
    .description("print the JSON Schema of the settings file")
    .action(finish(() => actions.schema()));
  return program;
};
