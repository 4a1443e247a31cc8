import { describe, expect, it } from "vitest";
import { linkNameOf, serviceRegion } from "../../../agent/privatelink/plan/names.ts";

describe("what a link to a service is called", () => {
  it.each([
    ["com.amazonaws.ap-northeast-1.kinesis-streams", "kinesis-streams"],
    ["com.amazonaws.us-east-1.ecr.api", "ecr-api"],
    ["com.amazonaws.us-east-1.sagemaker.api", "sagemaker-api"],
    ["aws.sagemaker.us-gov-west-1.notebook", "sagemaker-notebook"],
    ["cn.com.amazonaws.cn-north-1.ecr.dkr", "ecr-dkr"],
    ["com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec", "vpce-svc-0410a2e25933fe8ec"],
  ])("%s: %s", (serviceName, name) => {
    expect(linkNameOf(serviceName, undefined)).toBe(name);
  });

  it("tells the gateway endpoint from the interface endpoint, for a VPC may have both", () => {
    expect(linkNameOf("com.amazonaws.us-east-1.s3", "interface")).toBe("s3");
    expect(linkNameOf("com.amazonaws.us-east-1.s3", "gateway")).toBe("s3-gateway");
  });
});

describe("the region that a service's name says", () => {
  it.each([
    ["com.amazonaws.us-east-1.s3", "us-east-1"],
    ["com.amazonaws.vpce.us-gov-west-1.vpce-svc-0410a2e25933fe8ec", "us-gov-west-1"],
    ["com.amazonaws.s3-global.accesspoint", undefined],
  ])("%s: %s", (serviceName, region) => {
    expect(serviceRegion(serviceName)).toBe(region);
  });
});
