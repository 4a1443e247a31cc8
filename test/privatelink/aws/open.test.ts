import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { findRegion } from "../../../agent/lib/aws-client.ts";
import { openLinkAws, regionOrRefuse } from "../../../agent/privatelink/aws/open.ts";
import { herokuLink, wantedLink } from "../../aws/sample.ts";
import { standInAws } from "./support.ts";

const { signal } = new AbortController();
const nowhere = () => Promise.reject(new Error("Region is missing"));

/** A file of AWS's, and an environment without anything of AWS's but that. */
const profile = async (text: string) => {
  const directory = await mkdtemp(join(tmpdir(), "spacegate-aws-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "config"), text);
  vi.stubEnv("AWS_CONFIG_FILE", join(directory, "config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(directory, "none"));
};

beforeEach(() => {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(() => void vi.unstubAllEnvs());

describe("the region", () => {
  it("is the one that is given, before all others", async () => {
    vi.stubEnv("AWS_REGION", "eu-west-1");
    expect(await regionOrRefuse("us-east-1", process.env, signal)).toBe("us-east-1");
    expect(await regionOrRefuse(undefined, process.env, signal)).toBe("eu-west-1");
  });

  it("comes from the profile", async () => {
    await profile("[profile gateway]\nregion = ap-northeast-1\n");
    vi.stubEnv("AWS_PROFILE", "gateway");
    expect(await regionOrRefuse(undefined, process.env, signal)).toBe("ap-northeast-1");
  });

  it("comes from the instance at last", async () => {
    const server = createServer((request, response) => {
      response.end(
        request.method === "PUT" ? "session" : request.url === "/latest/meta-data/placement/region" ? "eu-central-1" : "",
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const metadata = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await findRegion({ given: undefined, env: {}, ofProfile: nowhere, signal, metadata })).toBe("eu-central-1");
    const env = { AWS_EC2_METADATA_DISABLED: "true" };
    expect(await findRegion({ given: undefined, env, ofProfile: nowhere, signal, metadata })).toBeUndefined();
  });

  it("is asked for when nothing says one", async () => {
    await profile("");
    await expect(regionOrRefuse(undefined, process.env, signal)).rejects.toMatchObject({
      code: "AWS_CREDENTIALS",
      fix: expect.stringContaining("--region"),
    });
  });
});

describe("credentials", () => {
  it("come from AWS's ordinary chain: here a profile", async () => {
    const { server } = await standInAws();
    await profile("[profile gateway]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = secret\n");
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    vi.stubEnv("AWS_PROFILE", "gateway");
    const aws = await openLinkAws("us-east-1");
    await aws.reader.identity(signal);
    expect(server.calls.map(({ caller }) => caller)).toEqual([{ accessKeyId: "AKIDPROFILE", region: "us-east-1" }]);
  });

  it("are asked for when there are none", async () => {
    const { server } = await standInAws();
    await profile("");
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    const aws = await openLinkAws("us-east-1");
    await expect(aws.observe(wantedLink(), herokuLink(), signal)).rejects.toMatchObject({ code: "AWS_CREDENTIALS" });
    expect(server.calls).toEqual([]);
  });

  it("are not blamed when AWS does not answer", async () => {
    const { server, aws } = await standInAws();
    await server.stop();
    await expect(aws.reader.identity(signal)).rejects.toMatchObject({
      code: "AWS_UNAVAILABLE",
      details: { action: "sts:GetCallerIdentity" },
    });
  });

  it("are not believed to see nothing where a proxy's page answers", async () => {
    await profile("");
    const proxy = createServer((_request, response) => response.end("<html>Please log in</html>"));
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${port}`);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    const aws = await openLinkAws("us-east-1");
    await expect(aws.observe(wantedLink(), herokuLink(), signal)).rejects.toMatchObject({
      code: "AWS_UNAVAILABLE",
      message: expect.stringContaining("names no account"),
    });
  });
});
