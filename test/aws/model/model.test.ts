import { CloudFormationClient, CreateChangeSetCommand } from "@aws-sdk/client-cloudformation";
import { CreateVpcEndpointCommand, DescribeVpcEndpointsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { afterEach, describe, expect, it } from "vitest";
import { writeAnswer } from "./answer.ts";
import { readRequest } from "./request.ts";
import { AwsFault, AwsServer, type Operation, type Service } from "./server.ts";
import { type Beyond, loadModel } from "./service-model.ts";

const VERSIONS = {
  ec2: "2016-11-15",
  sts: "2011-06-15",
  elbv2: "2015-12-01",
  cloudformation: "2010-05-15",
  rds: "2014-10-31",
} as const;

const modelOf = (service: keyof typeof VERSIONS, beyond?: Beyond) => loadModel(service, VERSIONS[service], beyond);

const CHANGE_SET = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/first/1";

let server: AwsServer | undefined;

const serve = async (service: keyof typeof VERSIONS, operations: Record<string, Operation>, rest: Partial<Service> = {}) => {
  server = new AwsServer([{ model: await modelOf(service), operations, ...rest }]);
  await server.start();
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  return { server, options: { endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 } };
};

afterEach(() => server?.stop());

describe("the wire format made from the service's own description", () => {
  it("carries lists, structures, flags and tags of EC2 both ways through the real SDK", async () => {
    const { server, options } = await serve("ec2", {
      CreateVpcEndpoint: () => ({
        VpcEndpoint: {
          VpcEndpointId: "vpce-1",
          SubnetIds: ["subnet-1", "subnet-2"],
          PrivateDnsEnabled: false,
          CreationTimestamp: new Date("2026-11-22T17:00:00.000Z"),
          Tags: [{ Key: "Name", Value: 'a "b" & <c>' }],
        },
      }),
    });
    const { VpcEndpoint } = await new EC2Client(options).send(
      new CreateVpcEndpointCommand({
        VpcId: "vpc-1",
        ServiceName: "com.amazonaws.us-east-1.kms",
        SubnetIds: ["subnet-1", "subnet-2"],
        PrivateDnsEnabled: false,
        TagSpecifications: [{ ResourceType: "vpc-endpoint", Tags: [{ Key: "k", Value: "a=b&c.d" }] }],
      }),
    );
    expect(VpcEndpoint).toEqual({
      VpcEndpointId: "vpce-1",
      SubnetIds: ["subnet-1", "subnet-2"],
      PrivateDnsEnabled: false,
      CreationTimestamp: new Date("2026-11-22T17:00:00.000Z"),
      Tags: [{ Key: "Name", Value: 'a "b" & <c>' }],
    });
    expect(server.calls.map(({ params }) => params)).toEqual([
      {
        VpcId: "vpc-1",
        ServiceName: "com.amazonaws.us-east-1.kms",
        SubnetIds: ["subnet-1", "subnet-2"],
        PrivateDnsEnabled: false,
        TagSpecifications: [{ ResourceType: "vpc-endpoint", Tags: [{ Key: "k", Value: "a=b&c.d" }] }],
      },
    ]);
    expect(server.violations).toEqual([]);
  });

  it("wraps results and lists as the query protocol does", async () => {
    const description = { Target: { Id: "10.0.0.7", Port: 5432 }, TargetHealth: { State: "healthy" } };
    const { server, options } = await serve("elbv2", {
      DescribeTargetHealth: () => ({ TargetHealthDescriptions: [description, { Target: { Id: "10.0.0.8" } }] }),
    });
    const asked = { TargetGroupArn: "arn:aws:tg", Targets: [{ Id: "10.0.0.7", Port: 5432 }] };
    const answer = await new ElasticLoadBalancingV2Client(options).send(new DescribeTargetHealthCommand(asked));
    expect(answer.TargetHealthDescriptions).toEqual([description, { Target: { Id: "10.0.0.8" } }]);
    expect(server.calls[0]?.params).toEqual(asked);
    expect(server.violations).toEqual([]);
  });

  it("names list members as RDS does, and takes a list without members", async () => {
    const { server, options } = await serve("rds", {
      DescribeDBInstances: () => ({ DBInstances: [{ DBInstanceIdentifier: "db", VpcSecurityGroups: [{ Status: "active" }] }] }),
    });
    const rds = new RDSClient(options);
    const asked = { Filters: [{ Name: "engine", Values: ["postgres", "mysql"] }] };
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand(asked));
    expect(DBInstances).toMatchObject([{ DBInstanceIdentifier: "db", VpcSecurityGroups: [{ Status: "active" }] }]);
    await rds.send(new DescribeDBInstancesCommand({ Filters: [] }));
    expect(server.calls.map(({ params }) => params)).toEqual([asked, { Filters: [] }]);
    expect(server.violations).toEqual([]);
  });

  it("speaks CloudFormation", async () => {
    const { server, options } = await serve("cloudformation", {
      CreateChangeSet: () => ({ Id: CHANGE_SET, StackId: "stack-1" }),
    });
    const answer = await new CloudFormationClient(options).send(
      new CreateChangeSetCommand({
        StackName: "publish",
        ChangeSetName: "first",
        TemplateBody: "{}",
        Parameters: [{ ParameterKey: "Port", ParameterValue: "5432" }],
        Capabilities: ["CAPABILITY_IAM"],
      }),
    );
    expect(answer).toMatchObject({ Id: CHANGE_SET, StackId: "stack-1" });
    expect(server.violations).toEqual([]);
  });

  it("writes XML that a parser of its own finds sound", async () => {
    const value = {
      VpcEndpoint: { VpcEndpointId: "vpce-1", SubnetIds: ["a", "b"], Tags: [{ Key: "k", Value: '<&">\r\u00e9' }] },
    };
    const { xml } = writeAnswer(await modelOf("ec2"), "CreateVpcEndpoint", value, "request-1");
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(new XMLParser().parse(xml).CreateVpcEndpointResponse).toMatchObject({
      requestId: "request-1",
      vpcEndpoint: { vpcEndpointId: "vpce-1", subnetIdSet: { item: ["a", "b"] }, tagSet: { item: { key: "k" } } },
    });
  });

  it("refuses in the service's own words", async () => {
    const fault = () => {
      throw new AwsFault("RequestLimitExceeded", "Request limit <exceeded>.", 503);
    };
    const { options } = await serve("ec2", { DescribeVpcEndpoints: fault });
    await expect(new EC2Client(options).send(new DescribeVpcEndpointsCommand({}))).rejects.toMatchObject({
      name: "RequestLimitExceeded",
      message: "Request limit <exceeded>.",
    });
  });

  it("is told who asks, and may refuse before anything is done", async () => {
    const before = () => {
      throw new AwsFault("AccessDenied", "User: arn:aws:iam::1:user/x is not authorized", 403);
    };
    const { server, options } = await serve("sts", { GetCallerIdentity: () => ({ Account: "1" }) }, { before });
    await expect(new STSClient(options).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: "AccessDenied" });
    expect(server.calls[0]?.caller).toEqual({ accessKeyId: "AKIDEXAMPLE", region: "us-east-1" });
  });
});

describe("the strict judge", () => {
  const requests: readonly [string, string, string][] = [
    ["a member that the service does not have", "VpcId=v&ServiceName=s&Subnets.1=x", "Subnets is not known to the service"],
    ["a list under its member's name", "VpcId=v&ServiceName=s&SubnetIds.1=x", "SubnetIds is not known to the service"],
    ["a required member that is missing", "VpcId=v", "ServiceName is required"],
    [
      "a flag that is no flag",
      "VpcId=v&ServiceName=s&PrivateDnsEnabled=yes",
      'PrivateDnsEnabled "yes" is neither true nor false',
    ],
    ["a value outside its enum", "VpcId=v&ServiceName=s&VpcEndpointType=interface", '"interface" is none of Interface'],
    ["a list with a gap", "VpcId=v&ServiceName=s&SubnetId.1=a&SubnetId.3=b", "SubnetIds is not numbered from 1"],
    ["a structure in place of a text", "VpcId.Id=v&ServiceName=s", "VpcId is a string, and came with parts below it"],
  ];

  it.each(requests)("names %s", async (_title, form, complaint) => {
    const { complaints } = readRequest(await modelOf("ec2"), `Action=CreateVpcEndpoint&Version=2016-11-15&${form}`);
    expect(complaints.join("\n")).toContain(complaint);
  });

  it("names an action and a version that the service does not have", async () => {
    const { complaints } = readRequest(await modelOf("ec2"), "Action=CreateMoon&Version=2016-11-14");
    expect(complaints).toEqual(["Version 2016-11-14 is not the model's", "the service has no action CreateMoon"]);
  });

  it("names numbers out of range", async () => {
    const { complaints } = readRequest(await modelOf("ec2"), "Action=DescribeSecurityGroups&Version=2016-11-15&MaxResults=2000");
    expect(complaints).toEqual(["MaxResults 2000 is more than 1000"]);
  });

  const answers: readonly [string, object, string][] = [
    ["a member that answers do not have", { VpcEndpoint: { Id: "x" } }, "VpcEndpoint.Id is not known to the service's answers"],
    ["a wrong type", { VpcEndpoint: { PrivateDnsEnabled: "false" } }, "VpcEndpoint.PrivateDnsEnabled is a boolean, not a string"],
    ["a value outside its enum", { VpcEndpoint: { VpcEndpointType: "Moon" } }, '"Moon" is none of Interface'],
    ["a list that is none", { VpcEndpoint: { SubnetIds: "subnet-1" } }, "VpcEndpoint.SubnetIds is a list"],
  ];

  it.each(answers)("names %s", async (_title, answer, complaint) => {
    const model = await modelOf("ec2");
    const { complaints } = writeAnswer(model, "CreateVpcEndpoint", answer as never, "id");
    expect(complaints.join("\n")).toContain(complaint);
  });

  it("lets pass what the real service is declared to do beyond its description", async () => {
    const beyond: Beyond = {
      enums: { State: ["partial"] },
      members: { ServiceDetail: { AvailabilityZoneIds: { shape: "ValueStringList", locationName: "availabilityZoneIdSet" } } },
    };
    const model = await modelOf("ec2", beyond);
    expect(writeAnswer(model, "CreateVpcEndpoint", { VpcEndpoint: { State: "partial" } }, "id").complaints).toEqual([]);
    const details = { ServiceDetails: [{ AvailabilityZoneIds: ["use1-az1"] }] };
    expect(writeAnswer(model, "DescribeVpcEndpointServices", details, "id").complaints).toEqual([]);
  });

  it("notes a refusal that the operation does not know", async () => {
    const fault = () => {
      throw new AwsFault("NoSuchThing", "what?");
    };
    const { server, options } = await serve("elbv2", { DescribeTargetHealth: fault });
    const asked = new ElasticLoadBalancingV2Client(options).send(new DescribeTargetHealthCommand({ TargetGroupArn: "arn" }));
    await expect(asked).rejects.toThrow("what?");
    expect(server.violations).toEqual(["DescribeTargetHealth: NoSuchThing is no refusal that DescribeTargetHealth knows"]);
  });

  it("notes what a stand-in does not do at all", async () => {
    const { server, options } = await serve("ec2", {});
    await expect(new EC2Client(options).send(new DescribeVpcEndpointsCommand({}))).rejects.toThrow("nothing stands in");
    expect(server.violations).toEqual(["DescribeVpcEndpoints: nothing stands in for DescribeVpcEndpoints"]);
  });
});
