import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import vm from "node:vm";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { inlineSettings, readFirstBoot } from "../../agent/settings/first-boot.ts";
import { valueAt } from "../../agent/settings/path.ts";
import { assertShape, readModel } from "../firstboot/model.ts";
import { temporaryDirectory } from "../lib/support.ts";
import { Evaluation } from "./evaluate.ts";
import { complaints, hasAttribute } from "./specification.ts";
import { readTemplate } from "./template.ts";

const { text, template } = readTemplate("gateway.yaml");

const PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/gw/token";
const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gw/token-AbCdEf";
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f0f";

const LEAST = {
  ImageId: "ami-0abc",
  VpcId: "vpc-0abc",
  SubnetId: "subnet-0abc",
  RouteTable1: "rtb-0abc",
  Space: "acme-space",
  Connection: "office",
  LocalCidr: "172.16.0.0/16",
  TokenArn: PARAMETER,
};

const MOST = {
  ...LEAST,
  RouteTable2: "rtb-0abd",
  RouteTable3: "rtb-0abe",
  VpnGateway1: "34.203.187.158",
  VpnGateway2: "34.227.70.143",
  TokenArn: SECRET,
  TokenKey: "heroku",
  KmsKeyArn: KEY,
  MonitorCidr: "172.16.9.0/24",
  AlarmTopicArn: "arn:aws:sns:eu-west-1:123456789012:on-call",
  SshCidr: "192.0.2.0/24",
  KeyName: "me",
};

const evaluated = (parameters: Readonly<Record<string, string>>) => {
  const evaluation = new Evaluation(template, parameters);
  return { resources: evaluation.resources(), attributes: evaluation.attributes };
};

/** One of a resource's properties, or all of them. */
const part = (parameters: Readonly<Record<string, string>>, name: string, ...path: (string | number)[]): unknown =>
  valueAt(evaluated(parameters).resources[name]?.Properties, path);

describe.each([
  ["with the least that it needs", LEAST],
  ["with everything", MOST],
])("the gateway's stack %s", (_how, parameters) => {
  it("is what AWS knows: every property, its type, and what is required", () => {
    const { resources } = evaluated(parameters);
    expect(Object.entries(resources).flatMap(([name, resource]) => complaints(name, resource))).toEqual([]);
  });

  it("asks only for attributes that there are", () => {
    const { resources, attributes } = evaluated(parameters);
    const unknown = [...attributes].filter((path) => {
      const [name = "", ...attribute] = path.split(".");
      return !hasAttribute(resources[name]?.Type ?? "", attribute.join("."));
    });
    expect(unknown).toEqual([]);
  });

  it("has a launch template as EC2's API takes it, with IMDSv2 required and the disk encrypted", () => {
    const data = part(parameters, "Template", "LaunchTemplateData");
    expect(() => assertShape(readModel("ec2"), "RequestLaunchTemplateData", data)).not.toThrow();
    expect(data).toMatchObject({
      MetadataOptions: { HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
    });
  });

  it("puts a first-boot file on the instance that spacegate takes, and no secret", async () => {
    const encoded = String(part(parameters, "Template", "LaunchTemplateData", "UserData"));
    const userData = Buffer.from(encoded, "base64")
      .toString("utf8")
      .replaceAll("Ref:PublicAddress", "203.0.113.7")
      .replaceAll("Interface.PrimaryPrivateIpAddress", "172.16.0.5");
    expect(userData).toMatch(/^#cloud-config\n/);
    const [file] = parse(userData).write_files;
    expect([file.path, file.permissions]).toEqual(["/etc/spacegate/first-boot.yaml", "0600"]);
    const path = join(await temporaryDirectory(), "first-boot.yaml");
    await writeFile(path, file.content);
    const wanted = await readFirstBoot(path);
    expect(wanted).toMatchObject({
      token: parameters.TokenArn === SECRET ? { secret: SECRET, key: "heroku" } : { ssm_parameter: PARAMETER },
      region: "eu-west-1",
      source_dest_check: "verify",
    });
    const { settings } = inlineSettings(wanted?.settings.inline ?? {}, path);
    expect(settings.connections[0]).toMatchObject({
      space: "acme-space",
      name: "office",
      local: { public_address: "203.0.113.7", subnets: ["172.16.0.0/16"] },
    });
    expect(settings.listen).toMatchObject({ address: "172.16.0.5", port: 9747, plain_http: true });
  });

  it("forwards: the check is off, and the space's block leads to its interface", () => {
    expect(part(parameters, "Interface", "SourceDestCheck")).toBe(false);
    const routes = Object.values(evaluated(parameters).resources).filter(({ Type }) => Type === "AWS::EC2::Route");
    expect(routes.map(({ Properties }) => [Properties.DestinationCidrBlock, Properties.NetworkInterfaceId])).toEqual(
      Array(parameters === MOST ? 3 : 1).fill(["10.0.0.0/16", "Ref:Interface"]),
    );
  });
});

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string;
  readonly Condition?: object;
}

const statements = (parameters: Readonly<Record<string, string>>): Statement[] =>
  (part(parameters, "Role", "Policies") as readonly Policy[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

describe("what the instance may do", () => {
  const interfaceOnly = {
    Effect: "Allow",
    Action: "ec2:DescribeNetworkInterfaceAttribute",
    Resource: "arn:aws:ec2:eu-west-1:123456789012:network-interface/Ref:Interface",
  };

  it("is to read its one parameter and to look at its own interface", () => {
    expect(statements({ ...LEAST, Sessions: "no" })).toEqual([
      { Effect: "Allow", Action: "ssm:GetParameter", Resource: PARAMETER },
      interfaceOnly,
    ]);
    expect(part(LEAST, "Role")).not.toHaveProperty("ManagedPolicyArns");
  });

  it("is to read its one secret, and to decrypt with its key through Secrets Manager only", () => {
    expect(statements({ ...MOST, Sessions: "no" })).toEqual([
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: SECRET },
      {
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: KEY,
        Condition: { StringEquals: { "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com" } },
      },
      interfaceOnly,
    ]);
  });

  it("is to hold sessions by actions that know no resources, and by nothing else with *", () => {
    const broad = statements(MOST).filter(({ Resource }) => Resource.includes("*"));
    expect(broad.map(({ Action }) => Action)).toEqual([
      [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
    ]);
    expect(
      statements(MOST)
        .flatMap(({ Action }) => Action)
        .filter((action) => action.includes("*")),
    ).toEqual([]);
  });
});

const ways = (parameters: Readonly<Record<string, string>>): string[] =>
  Object.values(evaluated(parameters).resources)
    .filter(({ Type, Properties }) => Type === "AWS::EC2::SecurityGroupIngress" && Properties.GroupId === "Ref:Group")
    .map(({ Properties }) => {
      const { IpProtocol, FromPort = "all", CidrIp, SourceSecurityGroupId } = Properties;
      return `${IpProtocol} ${FromPort} from ${CidrIp ?? SourceSecurityGroupId}`;
    })
    .sort();

describe("who reaches the gateway", () => {
  it("is the local network and the alarm, and nobody from the internet, until more is said", () => {
    expect(ways(LEAST)).toEqual(["-1 all from 172.16.0.0/16", "tcp 9747 from Ref:WatchGroup"]);
  });

  it("is each VPN gateway on UDP 500 and 4500, and who was named for health and SSH", () => {
    expect(ways(MOST)).toEqual([
      "-1 all from 172.16.0.0/16",
      "tcp 22 from 192.0.2.0/24",
      "tcp 9747 from 172.16.9.0/24",
      "tcp 9747 from Ref:WatchGroup",
      "udp 4500 from 34.203.187.158/32",
      "udp 4500 from 34.227.70.143/32",
      "udp 500 from 34.203.187.158/32",
      "udp 500 from 34.227.70.143/32",
    ]);
    expect(text).not.toMatch(/0\.0\.0\.0\/0|::\/0/);
  });
});

it("the stack takes no token, nor anything else that is secret, as a parameter", () => {
  expect(Object.keys(template.Parameters).filter((name) => /token|secret|psk|password/i.test(name))).toEqual([
    "TokenArn",
    "TokenKey",
  ]);
  const { AllowedPattern = "" } = template.Parameters.TokenArn ?? {};
  const isAllowed = (value: string) => new RegExp(AllowedPattern).test(value);
  expect([PARAMETER, SECRET, "HRKU-0f0f", "arn:aws:s3:::bucket"].map(isAllowed)).toEqual([true, true, false, false]);
});

it("the stack takes a key by its own ARN: a policy that names an alias allows nothing", () => {
  const { AllowedPattern = "" } = template.Parameters.KmsKeyArn ?? {};
  const isAllowed = (value: string) => new RegExp(AllowedPattern).test(value);
  expect(["", KEY, KEY.replace("key/0f0f", "alias/gw")].map(isAllowed)).toEqual([true, true, false]);
});

it("without the instance everything else stays: address, interface and routes", () => {
  const [running, stopped] = [evaluated(MOST).resources, evaluated({ ...MOST, Running: "no" }).resources];
  expect(Object.keys(running).filter((name) => !(name in stopped))).toEqual(["Instance"]);
});

describe("the alarm", () => {
  /** The template's code as Lambda runs it: CommonJS, with its environment. */
  const watch = (url: string): Promise<unknown> => {
    const code = String(part(LEAST, "Watch", "Code", "ZipFile"));
    const exports: { handler?: () => Promise<unknown> } = {};
    const own = { exports, require: createRequire(import.meta.url), process: { env: { HEALTH_URL: url } }, Error, Promise };
    vm.runInNewContext(code, own);
    return exports.handler?.() ?? Promise.reject(new Error("there is no handler"));
  };

  const gateway = async (status: number): Promise<string> => {
    const server = createServer((_request, response) => response.writeHead(status).end("{}"));
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
  };

  it("asks /healthz where the settings serve it, and fails when it is not 200 or does not answer", async () => {
    expect(part(LEAST, "Watch", "Environment", "Variables")).toEqual({
      HEALTH_URL: "http://Interface.PrimaryPrivateIpAddress:9747/healthz",
    });
    await expect(watch(await gateway(200))).resolves.toBe("well");
    await expect(watch(await gateway(503))).rejects.toThrow("/healthz answers 503");
    await expect(watch("http://127.0.0.1:1/healthz")).rejects.toThrow("ECONNREFUSED");
  });

  it("counts the function's failures, and takes silence for one", () => {
    expect(part(MOST, "Alarm")).toMatchObject({
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: [{ Name: "FunctionName", Value: "Ref:Watch" }],
      TreatMissingData: "breaching",
      AlarmActions: [MOST.AlarmTopicArn],
    });
    expect(part(LEAST, "Alarm")).not.toHaveProperty("AlarmActions");
  });
});
