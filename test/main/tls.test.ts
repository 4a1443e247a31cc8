import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { daysLeft, privateCa, x509 } from "../lib/pki-support.ts";
import { below, type Gateway, gateway, spacegate } from "./support.ts";

const host = (listen: object): Promise<Gateway> => gateway(undefined, { listen });

const show = async (one: Gateway) => {
  const { exitCode, stdout } = await spacegate(["tls", "show", "--json", ...below(one)]);
  return { exitCode, report: JSON.parse(stdout) };
};

describe("spacegate tls client", () => {
  const issue = async (one: Gateway, ...args: string[]) => {
    const out = join(one.directory, "out");
    return { out, ...(await spacegate(["tls", "client", "prometheus", "--out", out, ...args, ...below(one)])) };
  };

  it("writes a certificate of the agent's own CA, its key for the owner only, and the CA", async () => {
    const one = await host({ tls: { client_certificates: "required" } });
    const { exitCode, all, out } = await issue(one, "--days", "30");
    expect(exitCode).toBe(0);
    const modes = async (name: string) => ((await stat(join(out, name))).mode & 0o777).toString(8);
    expect((await readdir(out)).sort()).toEqual(["authority.crt", "prometheus.crt", "prometheus.key"]);
    expect([await modes("prometheus.key"), await modes("prometheus.crt")]).toEqual(["600", "644"]);
    const { ca } = await privateCa(undefined, join(one.root, "var/lib/spacegate/tls"));
    const authority = await ca.authority();
    expect(await readFile(join(out, "authority.crt"), "utf8")).toBe(authority.certificate);
    const key = await readFile(join(out, "prometheus.key"), "utf8");
    const client = { certificate: await readFile(join(out, "prometheus.crt"), "utf8"), key: authority.key };
    expect(x509(client).verify(x509(authority).publicKey)).toBe(true);
    expect([x509(client).subject, daysLeft(client)]).toEqual([expect.stringContaining("CN=prometheus"), 30]);
    expect(all).toContain(`cert_file: ${join(out, "prometheus.crt")}`);
    for (const secret of [key, authority.key.reveal()]) expect(all).not.toContain(secret.split("\n")[3]);
  });

  it("never writes over a key", async () => {
    const one = await host({ tls: {} });
    const { out } = await issue(one);
    const before = await readFile(join(out, "prometheus.key"), "utf8");
    const { exitCode, all } = await issue(one);
    expect([exitCode, all]).toEqual([1, expect.stringContaining("TLS_CLIENT_REFUSED")]);
    expect(await readFile(join(out, "prometheus.key"), "utf8")).toBe(before);
  });

  it("is refused where the server takes another CA's clients", async () => {
    const one = await host({ tls: { client_certificates: "required", client_ca: "/etc/ssl/clients.pem" } });
    const { exitCode, all } = await issue(one);
    expect([exitCode, all]).toEqual([
      1,
      expect.stringMatching(/takes clients of \/etc\/ssl\/clients\.pem only[\s\S]*TLS_CLIENT_REFUSED/),
    ]);
  });

  it("says that clients are not asked yet", async () => {
    const { stdout } = await issue(await host({ tls: {} }), "--json");
    expect(JSON.parse(stdout)).toMatchObject({ client_certificates: "none" });
    expect((await issue(await host({}))).stdout).toContain("client_certificates: required");
  });

  it.each([["../x"], ["a/b"], ["authority"], [""], ["a b"], ["x".repeat(65)]])("refuses the name %j", async (name) => {
    const one = await host({ tls: {} });
    expect((await spacegate(["tls", "client", name, "--out", one.directory, ...below(one)])).exitCode).toBe(2);
  });

  it.each(["0", "366", "1.5", "x"])("refuses %s days", async (days) => {
    expect((await issue(await host({ tls: {} }), "--days", days)).exitCode).toBe(2);
  });
});

describe("spacegate tls show", () => {
  it("says what there is, and changes nothing", async () => {
    const one = await host({});
    const { exitCode, report } = await show(one);
    expect([exitCode, report]).toEqual([0, expect.objectContaining({ tls: false, authority: null, certificate: null })]);
    await expect(stat(join(one.root, "var/lib/spacegate"))).rejects.toThrow(/ENOENT/);
  });

  it("tells the ends of CA and certificate", async () => {
    const one = await host({ tls: {}, token_file: "/etc/spacegate/token" });
    expect((await show(one)).exitCode).toBe(1);
    const { ca } = await privateCa(undefined, join(one.root, "var/lib/spacegate/tls"));
    await ca.server(["gateway.example.com"]);
    const { exitCode, report } = await show(one);
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({
      certificate: { names: ["DNS:gateway.example.com"], days_left: 89 },
      authority: { days_left: 3649 },
      token_file: "/etc/spacegate/token",
    });
    const { stdout } = await spacegate(["tls", "show", ...below(one)]);
    expect(stdout).toMatch(/^Certificate: .*server\.pem$/m);
    expect(stdout).toMatch(/good until \d{4}-\d\d-\d\d, 89 days more/);
    expect(stdout).not.toContain("PRIVATE");
  });

  it("says what is wrong with the owner's files", async () => {
    const one = await host({});
    const [certificate, key] = [join(one.directory, "c.pem"), join(one.directory, "k.pem")];
    await writeFile(certificate, "nonsense");
    const broken = await host({ tls: { certificate, key } });
    const { exitCode, report } = await show(broken);
    expect(exitCode).toBe(1);
    expect(report.problem).toEqual({
      text: `${certificate} holds no certificate in PEM form.`,
      fix: expect.stringMatching(/\S/),
    });
  });
});
