import { awsClientOptions } from "../../lib/aws-client.ts";
import { awsError } from "../../lib/aws-error.ts";
import { SpacegateError } from "../../lib/errors.ts";
import type { PublishAction } from "./actions.ts";

export type Sdk = typeof import("./sdk.ts");

interface Clients {
  readonly cloudformation: InstanceType<Sdk["CloudFormationClient"]>;
  readonly ec2: InstanceType<Sdk["EC2Client"]>;
  readonly rds: InstanceType<Sdk["RDSClient"]>;
}

type ServiceOf<Action extends PublishAction> = Action extends `${infer Service extends keyof Clients}:${string}`
  ? Service
  : never;

/** The agent's own policy would not help here. */
const withOwnPolicy = (error: SpacegateError, action: PublishAction): SpacegateError => {
  if (error.code !== "AWS_FORBIDDEN") return error;
  const fix = `Allow ${action}: \`spacegate privatelink policy --publish-rds\` prints an IAM policy with all that this needs.`;
  return new SpacegateError(error.code, error.message, { fix, cause: error, details: error.details });
};

/** AWS's clients for one region. Every call names its declared action, and fails with a SpacegateError: AWS_…. */
export class PublishApi {
  readonly sdk: Sdk;
  readonly #clients: Clients;

  constructor(sdk: Sdk, region: string) {
    this.sdk = sdk;
    const options = awsClientOptions(region);
    this.#clients = {
      cloudformation: new sdk.CloudFormationClient(options),
      ec2: new sdk.EC2Client(options),
      rds: new sdk.RDSClient(options),
    };
  }

  /** `ask` gets the client of the action's service. */
  async call<Action extends PublishAction, T>(
    action: Action,
    signal: AbortSignal,
    ask: (client: Clients[ServiceOf<Action>], options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const service = action.slice(0, action.indexOf(":")) as ServiceOf<Action>;
    try {
      return await ask(this.#clients[service], { abortSignal: signal });
    } catch (thrown) {
      signal.throwIfAborted();
      throw withOwnPolicy(awsError(thrown, action), action);
    }
  }
}

/** Loads AWS's clients, which nothing else of this room does; credentials come from AWS's ordinary chain at the first call. */
export const openPublishApi = async (region: string): Promise<PublishApi> => new PublishApi(await import("./sdk.ts"), region);
