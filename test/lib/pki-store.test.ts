import { execFile, spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { daysLeft, privateCa, ShiftedClock, x509 } from "./pki-support.ts";
import { failureOf, temporaryDirectory } from "./support.ts";

/** Its library is Node's own; the program is not on every machine. */
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

const FIRST_USE = fileURLToPath(new URL("first-use.ts", import.meta.url));

const HOSTS = ["gateway.example.com", "gw", "10.1.2.3"];

const modesIn = async (directory: string): Promise<Record<string, string>> => {
  const names = (await readdir(directory)).sort();
  const entries = names.map(async (name) => [name, ((await stat(join(directory, name))).mode & 0o7777).toString(8)] as const);
  return Object.fromEntries(await Promise.all(entries));
};

describe("the first certificate", () => {
  it("comes with a CA, in files that only their owner reads", async () => {
    const { ca, directory } = await privateCa();
    await ca.server(HOSTS);
    expect(await modesIn(directory)).toEqual({ "authority.crt": "600", "authority.pem": "600", "server.pem": "600" });
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(await readFile(ca.publicPath, "utf8")).toBe((await ca.authority()).certificate);
    expect(await readFile(ca.publicPath, "utf8")).not.toContain("PRIVATE");
  });

  it("comes with the same CA for every process that wants it first", { timeout: 30_000 }, async () => {
    const { ca, directory } = await privateCa();
    const made = await Promise.all(
      Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, [FIRST_USE, directory])),
    );
    const { certificate } = await ca.authority();
    expect(made.map(({ stdout }) => stdout)).toEqual(made.map(() => certificate));
    expect(await readdir(directory)).toEqual(["authority.crt", "authority.pem"]);
  });

  it("is good for its hosts as clients see it, and for no other", async () => {
    const { ca } = await privateCa();
    const certificate = x509(await ca.server(HOSTS));
    expect(certificate.subjectAltName).toBe("DNS:gateway.example.com, DNS:gw, IP Address:10.1.2.3");
    expect(certificate.checkHost("other.example.com")).toBeUndefined();
    expect(certificate.checkIP("10.1.2.4")).toBeUndefined();
  });

  it.skipIf(!hasOpenssl)("is accepted by OpenSSL's strictest checks, for its own purpose only", async () => {
    const { ca } = await privateCa();
    const directory = await temporaryDirectory();
    const [server, client] = [join(directory, "server.crt"), join(directory, "client.crt")];
    await writeFile(server, (await ca.server(HOSTS)).certificate);
    await writeFile(client, (await ca.client("prometheus", 30)).certificate);
    const verify = (purpose: string, file: string) =>
      promisify(execFile)("openssl", ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", ca.publicPath, file]);
    await expect(verify("sslserver", server)).resolves.toMatchObject({ stdout: expect.stringContaining("OK") });
    await expect(verify("sslclient", client)).resolves.toMatchObject({ stdout: expect.stringContaining("OK") });
    await expect(verify("sslclient", server)).rejects.toThrow(/purpose/);
    await expect(verify("sslserver", client)).rejects.toThrow(/purpose/);
  });

  it("is issued by a CA that can issue no further CA, and ends long before it", async () => {
    const { ca } = await privateCa();
    const [authority, server] = [await ca.authority(), await ca.server(HOSTS)];
    expect([x509(authority).ca, x509(server).ca]).toEqual([true, false]);
    expect([daysLeft(authority), daysLeft(server)]).toEqual([3650, 90]);
    expect(x509(authority).subject).toContain("CN=spacegate CA of gw");
    expect(x509(server).checkPrivateKey(createPrivateKey(server.key.reveal()))).toBe(true);
  });

  it("does not say its key when it is printed", async () => {
    const { ca } = await privateCa();
    expect(JSON.stringify(await ca.server(HOSTS))).not.toContain("PRIVATE");
  });
});

describe("the certificate on disk", () => {
  it("stays while it is good, over restarts too", async () => {
    const { ca, directory } = await privateCa();
    const first = await ca.server(HOSTS);
    const { ca: another } = await privateCa(undefined, directory);
    expect((await another.server(HOSTS)).certificate).toBe(first.certificate);
    expect((await another.server(["gw"])).certificate).toBe(first.certificate);
  });

  it.each([
    [59, true],
    [61, false],
    [200, false],
  ])("after %d days is the same: %j", async (days, same) => {
    const clock = new ShiftedClock();
    const { ca } = await privateCa(clock);
    const first = await ca.server(HOSTS);
    clock.days = days;
    const later = await ca.server(HOSTS);
    expect(later.certificate === first.certificate).toBe(same);
    if (!same) expect(daysLeft(later)).toBe(days + 90);
  });

  it("is replaced when it is not good for a further name", async () => {
    const { ca } = await privateCa();
    await ca.server(HOSTS);
    expect(x509(await ca.server([...HOSTS, "new.example.com"])).checkHost("new.example.com")).toBe("new.example.com");
  });

  it("is replaced when another CA has issued it", async () => {
    const [one, two] = [await privateCa(), await privateCa()];
    await one.ca.server(HOSTS);
    await two.ca.server(HOSTS);
    await writeFile(join(one.directory, "server.pem"), await readFile(join(two.directory, "server.pem")));
    expect(x509(await one.ca.server(HOSTS)).verify(x509(await one.ca.authority()).publicKey)).toBe(true);
  });

  it("is replaced when it is torn", async () => {
    const { ca, directory } = await privateCa();
    await ca.server(HOSTS);
    await writeFile(join(directory, "server.pem"), "-----BEGIN PRIVATE KEY-----\nnonsense");
    expect(daysLeft(await ca.server(HOSTS))).toBe(90);
  });
});

describe("the CA", () => {
  it("has a successor a year before its end, whose leaves the old copies still vouch for", async () => {
    const clock = new ShiftedClock();
    const { ca } = await privateCa(clock);
    const old = await ca.authority();
    clock.days = 3650 - 364;
    const successor = await ca.authority();
    expect(daysLeft(successor)).toBe(clock.days + 3650);
    expect(await readFile(ca.publicPath, "utf8")).toBe(successor.certificate);
    const leaf = x509(await ca.server(HOSTS));
    expect([leaf.checkIssued(x509(old)), leaf.verify(x509(old).publicKey)]).toEqual([true, true]);
  });

  it("is made once, however many ask at the same time", async () => {
    const { ca } = await privateCa();
    const all = await Promise.all([ca.authority(), ca.server(HOSTS), ca.client("a", 1), ca.authority()]);
    expect(all[0].certificate).toBe(all[3].certificate);
  });

  it("that is there and broken is not replaced: clients may trust it", async () => {
    const { ca, directory } = await privateCa();
    await mkdir(directory);
    await writeFile(join(directory, "authority.pem"), "nonsense");
    const error = await failureOf(() => ca.server(HOSTS));
    expect([error.code, error.message]).toEqual(["TLS_UNUSABLE", expect.stringContaining("authority.pem")]);
    expect(error.fix).toContain("every client needs the new authority.crt");
    expect(await readFile(join(directory, "authority.pem"), "utf8")).toBe("nonsense");
  });

  it("that cannot be reached says why", async () => {
    const { ca } = await privateCa(undefined, "/dev/null/tls");
    const error = await failureOf(() => ca.authority());
    expect([error.code, error.message]).toEqual(["HOST_READ_FAILED", expect.stringContaining("/dev/null/tls")]);
  });

  it("is only looked at without being made", async () => {
    const { ca, directory } = await privateCa();
    expect(await ca.look()).toEqual({ authority: undefined, server: undefined });
    await expect(stat(directory)).rejects.toThrow(/ENOENT/);
  });

  it("lets no client's certificate outlive what it can vouch for", async () => {
    const { ca } = await privateCa();
    expect(daysLeft(await ca.client("prometheus", 100_000))).toBe(365);
  });
});
