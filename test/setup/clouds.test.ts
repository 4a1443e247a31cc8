import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { cloudAddress } from "../../agent/setup/clouds.ts";

const never = new AbortController().signal;

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** Answers one path with the address, when a header is there; notes everything that was asked. */
const service = async (path: string, header?: readonly [string, string]) => {
  const asked: string[] = [];
  const base = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === "PUT") response.end("leave");
    else if (request.url === path && (!header || request.headers[header[0]] === header[1])) response.end("203.0.113.7\n");
    else response.writeHead(404).end();
  });
  return { base, asked };
};

describe("a cloud's word about the public address", () => {
  test.each([
    ["Amazon EC2", "EC2", "/latest/meta-data/public-ipv4", ["x-aws-ec2-metadata-token", "leave"]],
    [
      "Google",
      "Google Cloud",
      "/computeMetadata/v1/instance/network-interfaces/0/access-configs/0/external-ip",
      ["metadata-flavor", "Google"],
    ],
    [
      "Microsoft Corporation",
      "Azure",
      "/metadata/instance/network/interface/0/ipv4/ipAddress/0/publicIpAddress?api-version=2021-02-01&format=text",
      ["metadata", "true"],
    ],
    ["DigitalOcean", "DigitalOcean", "/metadata/v1/interfaces/public/0/ipv4/address", undefined],
    ["Hetzner", "Hetzner", "/hetzner/v1/metadata/public-ipv4", undefined],
    ["OpenStack Foundation", "OpenStack", "/latest/meta-data/public-ipv4", undefined],
  ] as const)("%s is asked as it wants to be", async (vendor, cloud, path, header) => {
    const { base } = await service(path, header);
    expect(await cloudAddress(`${vendor}\n`, never, base)).toEqual({ cloud, address: "203.0.113.7" });
  });

  test.each(["Dell Inc.", "QEMU", ""])("of %j is none, and nobody is asked", async (vendor) => {
    const { base, asked } = await service("/latest/meta-data/public-ipv4");
    expect([await cloudAddress(vendor, never, base), asked]).toEqual([undefined, []]);
  });

  test("is none without leave to ask, and without an address", async () => {
    const refusing = await serve((_request, response) => response.writeHead(403).end());
    expect(await cloudAddress("Amazon EC2", never, refusing)).toBeUndefined();
    const { base } = await service("/elsewhere");
    expect(await cloudAddress("Amazon EC2", never, base)).toBeUndefined();
  });

  test.each(["<html>", "203.0.113.7 203.0.113.8", "", "fd00::1"])("that is %j is none", async (body) => {
    const base = await serve((_request, response) => response.end(body));
    expect(await cloudAddress("Hetzner", never, base)).toBeUndefined();
  });

  test("follows no redirect", async () => {
    const base = await serve((request, response) =>
      request.url === "/other" ? response.end("203.0.113.7") : response.writeHead(302, { location: "/other" }).end(),
    );
    expect(await cloudAddress("Hetzner", never, base)).toBeUndefined();
  });

  test("is not waited for long where nobody answers", async () => {
    const base = await serve(() => {});
    const begun = performance.now();
    expect(await cloudAddress("Hetzner", never, base)).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(4000);
  });
});
