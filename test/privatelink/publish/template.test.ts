import { readFile } from "node:fs/promises";
import { Runtime } from "@aws-sdk/client-lambda";
import { execa } from "execa";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { RESOURCE_ACTIONS } from "../../../agent/privatelink/publish/actions.ts";
import { parameterProblems, parseTemplate, type Resolved, type Template } from "../../aws/cfn-template.ts";
import { resolveFor } from "../../aws/cloudformation-world.ts";
import { isAllowed, type Policy } from "../../aws/iam.ts";
import { propertyProblems } from "../../aws/resource-schemas.ts";
import { functionCode, inlineCode, TEMPLATE_PATH, withFunction } from "./template.ts";

vi.setConfig({ testTimeout: 60_000 });

const PARAMETERS = {
  FunctionName: "publish-orders",
  RdsType: "cluster",
  RdsEndpoint: "orders.cluster-c1a2b3.us-east-1.rds.amazonaws.com",
  RdsPort: "5432",
  VpcId: "vpc-0a1b2c3d4e5f60718",
  SubnetIds: "subnet-0a000000000000001,subnet-0b000000000000001",
  AvailabilityZones: "us-east-1a,us-east-1b",
  AvailabilityZoneIds: "use1-az4,use1-az6",
  SecurityGroupIds: "sg-0f000000000000001",
  PartnerAccountId: "210987654321",
};

let text: string;
let template: Template;
let resolved: Resolved;

beforeAll(async () => {
  text = await readFile(TEMPLATE_PATH, "utf8");
  template = parseTemplate(text);
  resolved = resolveFor(template, PARAMETERS);
});

const propertiesOf = (id: string): Readonly<Record<string, unknown>> => resolved.resources.get(id)?.properties ?? {};

/** The npm package's own list of types is of April 2019, and it calls a function that Node no longer has. */
const lint = async (path: string): Promise<string[]> => {
  const script = `require("node:util").isUndefined = (value) => value === undefined;
    const { errors } = require("cfn-lint").validateFile(process.argv[1]);
    console.log(JSON.stringify(errors.crit.concat(errors.warn).map(({ message }) => message)));`;
  const { stdout } = await execa(process.execPath, ["-e", script, path]);
  return JSON.parse(stdout) as string[];
};

describe("the template", () => {
  test("passes cfn-lint, but for two types that are younger than its list", async () => {
    expect(await lint(TEMPLATE_PATH)).toEqual([
      expect.stringContaining("invalid Type of AWS::EC2::VPCEndpointService"),
      expect.stringContaining("invalid Type of AWS::Lambda::EventInvokeConfig"),
    ]);
  });

  test("has only properties that AWS's schemas of today know, each of its kind", () => {
    const problems = [...resolved.resources].flatMap(([id, { type, properties }]) =>
      propertyProblems(type, properties).map((problem) => `${id} ${problem}`),
    );
    expect(problems).toEqual([]);
    expect(propertyProblems("AWS::EC2::VPCEndpointService", { AcceptanceRequired: "perhaps", Colour: "red" })).toHaveLength(2);
  });

  test("is within CloudFormation's limit for a request, and has no alias, which CloudFormation does not take", () => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(51_200);
    expect(text).not.toMatch(/: [&*]\w/);
  });

  test("carries the function as it is in the repository: else `npm run function`", async () => {
    const code = await functionCode();
    expect(withFunction(text, code)).toBe(text);
    expect(inlineCode(text)).toContain(code.trimEnd());
  });

  test("asks Lambda for a runtime that it has", () => {
    expect(Object.values(Runtime)).toContain(propertiesOf("Function").Runtime);
    expect(propertiesOf("Function").Handler).toBe("index.handler");
  });

  test("puts out what the partner needs", () => {
    expect(resolved.outputs).toEqual({
      EndpointServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60718",
      AvailabilityZones: "us-east-1a,us-east-1b",
      AvailabilityZoneIds: "use1-az4,use1-az6",
      FunctionName: "publish-orders",
    });
  });

  test("lets the partner's account in, and nobody else, without acceptance", () => {
    expect(propertiesOf("EndpointServicePermissions").AllowedPrincipals).toEqual(["arn:aws:iam::210987654321:root"]);
    expect(propertiesOf("EndpointService").AcceptanceRequired).toBe(false);
    expect(propertiesOf("LoadBalancer").Scheme).toBe("internal");
  });

  test("ends connections to an address that was taken out, at once", () => {
    expect(propertiesOf("TargetGroup").TargetGroupAttributes).toEqual(
      expect.arrayContaining([
        { Key: "deregistration_delay.timeout_seconds", Value: "0" },
        { Key: "deregistration_delay.connection_termination.enabled", Value: "true" },
      ]),
    );
  });

  test.each([
    ["cluster", "RDS DB Cluster Event"],
    ["instance", "RDS DB Instance Event"],
  ])("runs the function each minute, and when RDS tells of this %s", (RdsType, type) => {
    const { resources } = resolveFor(template, { ...PARAMETERS, RdsType });
    expect(resources.get("EveryMinute")?.properties.ScheduleExpression).toBe("rate(1 minute)");
    expect(resources.get("DatabaseEvents")?.properties.EventPattern).toMatchObject({
      source: ["aws.rds"],
      "detail-type": [type],
      detail: { SourceIdentifier: ["orders"], EventCategories: expect.arrayContaining(["failover"]) },
    });
  });

  test("takes values that are right only", () => {
    expect(parameterProblems(template, PARAMETERS)).toEqual([]);
    for (const [name, value] of [
      ["RdsType", "proxy"],
      ["RdsPort", "70000"],
      ["PartnerAccountId", "1234"],
      ["FunctionName", "a".repeat(37)],
      ["RdsEndpoint", "10.0.0.1:5432"],
    ])
      expect(parameterProblems(template, { ...PARAMETERS, [name as string]: value as string }), name).toHaveLength(1);
  });

  test("makes only what the declared actions can make", () => {
    const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
    expect(Object.keys(RESOURCE_ACTIONS).sort()).toEqual([...types].sort());
  });
});

describe("the function's role", () => {
  const policy = (): Policy =>
    (propertiesOf("FunctionRole").Policies as { readonly PolicyDocument: Policy }[])[0]?.PolicyDocument as Policy;
  const may = (action: string, resource: string): boolean => isAllowed(policy(), { action, resource, context: {} });
  const group = (): string =>
    String((propertiesOf("Listener").DefaultActions as { readonly TargetGroupArn: string }[])[0]?.TargetGroupArn);

  test("may change its own target group and no other", () => {
    expect(may("elasticloadbalancing:RegisterTargets", group())).toBe(true);
    expect(may("elasticloadbalancing:DeregisterTargets", group())).toBe(true);
    expect(may("elasticloadbalancing:RegisterTargets", `${group()}x`)).toBe(false);
  });

  test("may write its own log and no other", () => {
    const log = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/";
    expect(may("logs:PutLogEvents", `${log}publish-orders:log-stream:a`)).toBe(true);
    expect(may("logs:PutLogEvents", `${log}another:log-stream:a`)).toBe(false);
  });

  test.each([
    "rds:DescribeDBInstances",
    "elasticloadbalancing:DeleteTargetGroup",
    "iam:PassRole",
    "secretsmanager:GetSecretValue",
  ])("may not do %s", (action) => {
    expect(may(action, "*")).toBe(false);
  });

  test("denies the code itself what Lambda needs to put it into the VPC", () => {
    const statements = policy().Statement as readonly {
      readonly Effect: string;
      readonly Action: unknown;
      readonly Condition?: unknown;
    }[];
    const [allowed, denied] = [statements[3], statements[4]];
    expect(denied).toMatchObject({
      Effect: "Deny",
      Action: allowed?.Action,
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:publish-orders" } },
    });
  });
});
