import { awsClientOptions } from "../../lib/aws-client.ts";
import { awsError } from "../../lib/aws-error.ts";
import type { LinkAction } from "./actions.ts";

type Sdk = typeof import("./ec2-sdk.ts");
type Ec2 = InstanceType<Sdk["EC2Client"]>;
type Sts = InstanceType<Sdk["STSClient"]>;

interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** A page of an answer that comes in several. */
export interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly next: string | undefined;
}

const MAX_PAGES = 1000;

/** Every item of an answer in pages, however many the service makes of it. */
export const allPages = async <T>(ask: (token: { readonly NextToken?: string }) => Promise<Page<T>>): Promise<readonly T[]> => {
  const found: T[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { items, next } = await ask(token === undefined ? {} : { NextToken: token });
    found.push(...(items ?? []));
    if (!next) break;
    token = next;
  }
  return found;
};

/** AWS's clients for one region. Every call names its declared action, and fails with a SpacegateError: AWS_…. */
export class AwsApi {
  readonly sdk: Sdk;
  readonly #ec2: Ec2;
  readonly #sts: Sts;

  constructor(sdk: Sdk, region: string) {
    this.sdk = sdk;
    this.#ec2 = new sdk.EC2Client(awsClientOptions(region));
    this.#sts = new sdk.STSClient(awsClientOptions(region));
  }

  ec2<T>(action: LinkAction, signal: AbortSignal, ask: (client: Ec2, options: CallOptions) => Promise<T>): Promise<T> {
    return this.#call(action, signal, (options) => ask(this.#ec2, options));
  }

  sts<T>(action: LinkAction, signal: AbortSignal, ask: (client: Sts, options: CallOptions) => Promise<T>): Promise<T> {
    return this.#call(action, signal, (options) => ask(this.#sts, options));
  }

  async #call<T>(action: LinkAction, signal: AbortSignal, ask: (options: CallOptions) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await ask({ abortSignal: signal });
    } catch (thrown) {
      signal.throwIfAborted();
      throw awsError(thrown, action);
    }
  }
}
