/** A question for a line of text. `check` says what is wrong with an answer. */
export interface TextQuestion {
  readonly message: string;
  readonly example?: string;
  readonly initial?: string;
  readonly check: (answer: string) => string | undefined;
}

/** Questions for a person; each rejects with INTERRUPTED when the person gives up. */
export interface Prompts {
  text(question: TextQuestion): Promise<string>;
  select(message: string, choices: readonly { readonly value: string; readonly label: string }[]): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

/** A VPN connection at Heroku, as far as setup goes by it. */
export interface FoundConnection {
  readonly name: string;
  readonly status: string;
  readonly publicIp: string;
  readonly routableCidrs: readonly string[];
  readonly spaceCidr: string;
  readonly tunnels: readonly { readonly ip: string }[];
}

/** Heroku as setup asks it. Throws SpacegateErrors. */
export interface SetupHeroku {
  spaces(signal: AbortSignal): Promise<readonly { readonly name: string; readonly region: string; readonly state: string }[]>;
  list(space: string, signal: AbortSignal): Promise<readonly FoundConnection[]>;
  /** What would not work about a connection that is to be made, a sentence each. */
  unfit(space: string, publicIp: string, cidrs: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** Blocks that local networks must keep away from. */
  taken(space: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** What the host and its cloud tell. */
export interface SetupHost {
  /** This host's own address on the way to `target`, by default to the internet. */
  ownAddress(target?: string): Promise<string | undefined>;
  /** Private networks that it has routes to. */
  localNetworks(): Promise<readonly string[]>;
  publicAddress(signal: AbortSignal): Promise<{ readonly cloud: string; readonly address: string } | undefined>;
}

export interface SetupDeps {
  readonly heroku: SetupHeroku;
  readonly host: SetupHost;
  /** undefined: nobody can be asked. */
  readonly prompts: Prompts | undefined;
  /** Tells the person what was found. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What the command line says. */
export interface SetupFlags {
  readonly space?: string | undefined;
  readonly connection?: string | undefined;
  readonly create?: boolean | undefined;
  /** "auto" or an address. */
  readonly address?: string | undefined;
  readonly publicAddress?: string | undefined;
  readonly subnets?: readonly string[] | undefined;
  readonly routing?: "auto" | "vti" | "policy" | undefined;
  /** An address, or "none". */
  readonly probeTarget?: string | undefined;
}
