import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { ec2Metadata, isEc2 } from "../../agent/check/ec2.ts";
import { readerOf } from "./support.ts";

const never = new AbortController().signal;

/** A metadata service, version 2: without a token nothing is told. */
const service = async (values: Readonly<Record<string, string>>): Promise<string> => {
  const server = createServer((request, response) => {
    const name = (request.url ?? "").replace("/latest/meta-data/", "");
    if (request.method === "PUT" && request.url === "/latest/api/token") return void response.end("the-token");
    if (request.headers["x-aws-ec2-metadata-token"] !== "the-token") return void response.writeHead(401).end();
    const value = values[name];
    return void (value === undefined ? response.writeHead(404).end() : response.end(value));
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe("ec2Metadata", () => {
  it("tells instance and public address, by version 2 of the service", async () => {
    const base = await service({ "instance-id": "i-0abc", "public-ipv4": "52.91.173.226" });
    await expect(ec2Metadata(never, base)).resolves.toEqual({ instanceId: "i-0abc", publicAddress: "52.91.173.226" });
  });

  it("knows instances without a public address", async () => {
    const base = await service({ "instance-id": "i-0abc" });
    await expect(ec2Metadata(never, base)).resolves.toEqual({ instanceId: "i-0abc", publicAddress: undefined });
  });

  it("rejects when nothing answers", async () => {
    await expect(ec2Metadata(never, "http://127.0.0.1:1")).rejects.toThrow();
  });
});

describe("isEc2", () => {
  it.each([
    [{ "/sys/class/dmi/id/sys_vendor": "Amazon EC2\n" }, true],
    [{ "/sys/hypervisor/uuid": "ec2e1916-9099-7caf-fd21-012345abcdef\n" }, true],
    [{ "/sys/class/dmi/id/sys_vendor": "QEMU\n" }, false],
    [{}, false],
  ])("%o", async (files, expected) => {
    await expect(isEc2(readerOf(files as Record<string, string>))).resolves.toBe(expected);
  });
});
