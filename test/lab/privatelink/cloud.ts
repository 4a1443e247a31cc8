import { systemClock } from "../../../agent/lib/clock.ts";
import { namesOf } from "../../aws/ec2-endpoints.ts";
import type { WorldEndpoint } from "../../aws/ec2-world.ts";
import { type AwsStandIn, startAws } from "../../aws/start.ts";
import { check } from "../check.ts";
import type { Heroku } from "../heroku.ts";
import type { EndpointService } from "../stand-in/heroku-data-endpoints.ts";
import { DATA_SECRETS, KINESIS, VPC, ZONE_IDS } from "./sample.ts";
import type { NameServer, Names } from "./vpc.ts";

const TICK_MS = 100;

/** How long AWS takes here, milliseconds. */
const PACE = { shown: 700, acceptance: 300, pending: 500, deleting: 500 };

const fill = ({ world }: AwsStandIn): void => {
  world.vpcs.push({ id: VPC.id, cidr: VPC.cidr, dnsHostnames: true, dnsSupport: true });
  world.subnets.push(...VPC.subnets.map((subnet) => ({ ...subnet, vpcId: VPC.id })));
  world.services.push({
    name: KINESIS.service,
    type: "Interface",
    zones: ZONE_IDS,
    policies: true,
    privateDnsName: KINESIS.hostname,
  });
  Object.assign(world.pace, PACE);
};

/** AWS, which Heroku's side of each link, the VPC's names and the agent meet in. */
export class Cloud {
  readonly aws: AwsStandIn;
  /** The names that the internet's name servers know. */
  publicNames: Names = {};
  /** Called when a call is done, before it is answered. */
  afterCall: (action: string) => void = () => undefined;
  readonly #heroku: Heroku;
  readonly #names: NameServer;
  readonly #atHeroku = new Set<string>();

  private constructor(aws: AwsStandIn, heroku: Heroku, names: NameServer) {
    this.aws = aws;
    this.#heroku = heroku;
    this.#names = names;
  }

  /** Heroku's stand-in must run. Both sides are brought together until the cell ends. */
  static async start(heroku: Heroku, names: NameServer): Promise<Cloud> {
    const aws = await startAws(systemClock);
    fill(aws);
    const cloud = new Cloud(aws, heroku, names);
    aws.onCall = ({ action }) => {
      for (const endpoint of cloud.#newAtHeroku()) endpoint.forced = "pendingAcceptance";
      cloud.afterCall(action);
    };
    void cloud.#mirror();
    return cloud;
  }

  /** What AWS's client in the gateway is told. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.aws.server.url,
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: DATA_SECRETS.aws,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_REGION: VPC.region,
    };
  }

  /** "ec2:DescribeVpcs", one for each call so far. */
  get calls(): string[] {
    return this.aws.server.calls.map(({ service, action }) => `${service}:${action}`);
  }

  /** Those since the first `before` that were not to read. */
  changes(before = 0): string[] {
    return this.calls.slice(before).filter((call) => !/:(Describe|GetCallerIdentity)/.test(call));
  }

  /** Throws unless every call so far was as AWS describes its calls. */
  checkModel(): void {
    check(this.aws.server.violations.length === 0, `calls against AWS's own description: ${this.aws.server.violations}`);
  }

  #newAtHeroku(): WorldEndpoint[] {
    return this.aws.world.livingEndpoints.filter(
      ({ id, serviceName }) => serviceName.includes(".vpce.") && !this.#atHeroku.has(id),
    );
  }

  async #mirror(): Promise<void> {
    for (;;) {
      // Heroku may be away for a while: its side is looked at anew soon.
      await this.#once().catch(() => undefined);
      await systemClock.sleep(TICK_MS);
    }
  }

  async #once(): Promise<void> {
    await this.#offerServices();
    for (const endpoint of this.#newAtHeroku()) await this.#announce(endpoint);
    for (const endpoint of this.aws.world.livingEndpoints) if (this.#atHeroku.has(endpoint.id)) await this.#follow(endpoint);
    for (const { id, deletedAt } of this.aws.world.endpoints)
      if (deletedAt !== undefined && this.#atHeroku.delete(id)) await this.#ask("DELETE", `endpoints/${id}`);
    this.#tellNames();
  }

  /** Of Heroku's services AWS shows those that let this account in. */
  async #offerServices(): Promise<void> {
    const offered = ((await this.#ask("GET", "services")) as readonly EndpointService[]).filter(
      ({ open, allowedArns }) => open && allowedArns.some((arn) => arn.startsWith(`arn:aws:iam::${VPC.account}:`)),
    );
    const own = this.aws.world.services.filter(({ name }) => !name.includes(".vpce."));
    const services = offered.map(({ serviceName }) => ({
      name: serviceName,
      type: "Interface" as const,
      zones: ZONE_IDS,
      acceptance: true,
    }));
    this.aws.world.services.splice(0, this.aws.world.services.length, ...own, ...services);
  }

  async #announce(endpoint: WorldEndpoint): Promise<void> {
    const { world } = this.aws;
    const body = {
      service_name: endpoint.serviceName,
      endpoint_id: endpoint.id,
      hostname: namesOf(world, endpoint)[0],
      owner_arn: `arn:aws:iam::${world.account}:root`,
    };
    endpoint.forced = "pendingAcceptance";
    await this.#ask("POST", "endpoints", body);
    this.#atHeroku.add(endpoint.id);
  }

  /** Whether an endpoint carries is Heroku's to say, at any time. */
  async #follow(endpoint: WorldEndpoint): Promise<void> {
    const { state } = (await this.#ask("GET", `endpoints/${endpoint.id}`)) as { readonly state: string | null };
    const forced = state === "available" ? undefined : (state ?? "pendingAcceptance");
    if (endpoint.forced === "pendingAcceptance" && forced === undefined) endpoint.changedAt = this.aws.world.now;
    endpoint.forced = forced;
  }

  #tellNames(): void {
    const { world } = this.aws;
    const carrying = world.livingEndpoints.filter((endpoint) => world.stateOf(endpoint) === "available");
    const inside = carrying.flatMap((endpoint) => {
      const addresses = world.interfacesOf(endpoint).map(({ address }) => address);
      return namesOf(world, endpoint).map((name): [string, readonly string[]] => [name, addresses]);
    });
    this.#names.set({ ...this.publicNames, ...Object.fromEntries(inside) });
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const headers = body ? { "content-type": "application/json" } : {};
    const answer = await fetch(`${this.#heroku.url}/stand-in/${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    check(answer.ok, `Heroku's stand-in says ${answer.status} to ${method} ${path}`);
    return answer.status === 204 ? undefined : answer.json();
  }
}
