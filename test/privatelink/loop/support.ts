import { beforeAll, onTestFinished, vi } from "vitest";
import { Secret } from "../../../agent/lib/secret.ts";
import type { HerokuLink, LinkWanted } from "../../../agent/model/privatelink.ts";
import { READ_ACTIONS } from "../../../agent/privatelink/aws/actions.ts";
import { type ConnectDeps, connect } from "../../../agent/privatelink/loop/connect.ts";
import { type DisconnectDeps, disconnect } from "../../../agent/privatelink/loop/disconnect.ts";
import { herokuLink, openAws } from "../../aws/sample.ts";
import { ManualClock } from "../../lib/support.ts";

// Every step is an answer over HTTP, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** AWS's client takes seconds to load on a busy machine: no test pays for that. */
beforeAll(async () => void (await import("../../../agent/privatelink/aws/ec2-sdk.ts")), 60_000);

const READS = [...READ_ACTIONS.map((action) => action.slice(4)), "GetCallerIdentity"];

/** A gateway at work: the stand-in of AWS, Heroku's side, and what the person at the terminal was told. */
export class Gateway {
  readonly clock: ManualClock;
  readonly said: string[] = [];
  readonly shown: string[] = [];
  heroku: HerokuLink | undefined = herokuLink();
  /** Heroku writes the config var so long after it was first asked for, milliseconds. */
  urlAfterMs = 15_000;
  readonly #open: Awaited<ReturnType<typeof openAws>>;
  #askedForUrl: number | undefined;

  constructor(clock: ManualClock, open: Awaited<ReturnType<typeof openAws>>) {
    this.clock = clock;
    this.#open = open;
  }

  get world() {
    return this.#open.world;
  }

  get server() {
    return this.#open.server;
  }

  get standIn() {
    return this.#open.standIn;
  }

  get aws() {
    return this.#open.aws;
  }

  /** The calls that changed something, since the last time this was asked. */
  takeWrites(): string[] {
    return this.server.calls.splice(0).flatMap(({ action }) => (READS.includes(action) ? [] : [action]));
  }

  deps(signal: AbortSignal = new AbortController().signal): ConnectDeps & DisconnectDeps {
    return {
      aws: this.aws,
      heroku: { describe: async () => this.heroku, connectionUrls: async (_app, id) => this.#urls(id) },
      clock: this.clock,
      progress: {
        say: (text) => void this.said.push(text),
        show: (text) => void (this.shown.at(-1) !== text && this.shown.push(text)),
      },
      signal,
      pollMs: 10_000,
      timeoutMs: 20 * 60_000,
      vpcId: undefined,
      command: "spacegate privatelink connect redis",
      wait: true,
    };
  }

  connect(wanted: LinkWanted, change: Partial<ConnectDeps> = {}) {
    return connect(wanted, { ...this.deps(), ...change });
  }

  disconnect(wanted: LinkWanted, signal?: AbortSignal, vpcId?: string) {
    return disconnect(wanted.name, { ...this.deps(signal), vpcId });
  }

  #urls(endpointId: string) {
    this.#askedForUrl ??= this.clock.monotonic();
    if (this.clock.monotonic() - this.#askedForUrl < this.urlAfterMs) return [];
    const name = `REDIS_ENDPOINT_${endpointId.slice(5).toUpperCase()}_URL`;
    return [{ name, url: new Secret(`redis://h:secret@${endpointId}.example:6379`) }];
  }
}

/** Until the test ends. A test that is not about it expects no violation of AWS's own descriptions. */
export const openGateway = async (): Promise<Gateway> => {
  const clock = new ManualClock();
  const open = await openAws(clock);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await open.server.stop();
  });
  return new Gateway(clock, open);
};

/** What a promise is refused with. */
export const codeOf = (promise: Promise<unknown>): Promise<{ code: string; message: string; fix: string }> =>
  promise.then(
    () => {
      throw new Error("it was expected to be refused");
    },
    (thrown) => thrown,
  );

/** Every inbound rule of every group: "6379-6379 10.0.0.0/8". */
export const ingressOf = ({ world }: Gateway) =>
  world.groups.flatMap(({ rules }) =>
    rules
      .filter(({ IsEgress }) => !IsEgress)
      .map(({ FromPort, ToPort, CidrIpv4, CidrIpv6 }) => `${FromPort}-${ToPort} ${CidrIpv4 ?? CidrIpv6}`),
  );
