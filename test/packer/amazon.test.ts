import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AwsFault, AwsServer } from "../aws/model/server.ts";
import { loadModel } from "../aws/model/service-model.ts";
import { directory, PACKER, put } from "./support.ts";

// Debian's description is older than this attribute of an image. Source: ModifyImageAttribute in EC2's API reference.
const BEYOND = { members: { ModifyImageAttributeRequest: { ImdsSupport: { shape: "AttributeValue" } } } };

const model = await loadModel("ec2", "2016-11-15", BEYOND);

let denied = false;
let server: AwsServer;

const answer = (result: object) => () => {
  if (denied) throw new AwsFault("UnauthorizedOperation", "You are not authorized to perform this operation.", 403);
  return result;
};

beforeEach(async () => {
  denied = false;
  const operations = {
    ModifyInstanceMetadataOptions: answer({ InstanceId: "i-0123456789abcdef0" }),
    ModifyImageAttribute: answer({}),
  };
  server = new AwsServer([{ model, operations }]);
  await server.start();
});

afterEach(() => server.stop());

/** As the template runs it. */
const amazon = (...args: readonly string[]) => {
  const credentials = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret", AWS_MAX_ATTEMPTS: "1" };
  const env = { ...credentials, AWS_ENDPOINT_URL: server.url, AWS_EC2_METADATA_DISABLED: "true" };
  return execa("node", [join(PACKER, "amazon.ts"), ...args], { env, reject: false });
};

const manifestOf = async (...builds: readonly (readonly [run: string, artifact: string])[]): Promise<string> => {
  const root = directory();
  const entries = builds.map(([packer_run_uuid, artifact_id]) => ({ name: "gateway", packer_run_uuid, artifact_id }));
  await put(root, "manifest.json", JSON.stringify({ builds: entries, last_run_uuid: "second" }));
  return join(root, "manifest.json");
};

describe("the build's instance", () => {
  it("is told to answer IMDSv2 alone, and nobody behind it", async () => {
    expect(await amazon("instance", "eu-west-1", "i-0123456789abcdef0")).toMatchObject({ failed: false, stderr: "" });
    const options = { HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: 1 };
    expect(server.calls).toMatchObject([
      { action: "ModifyInstanceMetadataOptions", params: { InstanceId: "i-0123456789abcdef0", ...options } },
    ]);
    expect(server.calls[0]?.caller.region).toBe("eu-west-1");
    expect(server.violations).toEqual([]);
  });

  it("ends the build when EC2 refuses", async () => {
    denied = true;
    const { exitCode, stderr } = await amazon("instance", "eu-west-1", "i-0123456789abcdef0");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("You are not authorized");
  });
});

describe("the images", () => {
  it("of the last run, in every region, make instances that answer IMDSv2 alone", async () => {
    const manifest = await manifestOf(["first", "us-east-1:ami-0aaa"], ["second", "us-east-1:ami-0bbb,eu-west-1:ami-0ccc"]);
    expect(await amazon("images", manifest)).toMatchObject({ failed: false, stderr: "" });
    const asked = server.calls.map(({ action, params, caller }) => [action, caller.region, params]);
    expect(asked).toEqual([
      ["ModifyImageAttribute", "us-east-1", { ImageId: "ami-0bbb", ImdsSupport: { Value: "v2.0" } }],
      ["ModifyImageAttribute", "eu-west-1", { ImageId: "ami-0ccc", ImdsSupport: { Value: "v2.0" } }],
    ]);
    expect(server.violations).toEqual([]);
  });

  it("are missed when the manifest has none of them", async () => {
    const { exitCode, stderr } = await amazon("images", await manifestOf(["first", "us-east-1:ami-0aaa"]));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("no image of the last run");
  });
});

it("says how it is called", async () => {
  expect(await amazon("image")).toMatchObject({
    exitCode: 1,
    stderr: "amazon.ts instance REGION ID | amazon.ts images MANIFEST",
  });
});
