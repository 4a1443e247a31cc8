import { X509Certificate } from "node:crypto";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Identity } from "../../agent/lib/pki.ts";
import { issueLeaf } from "../../agent/lib/pki.ts";
import { DAY_MS, privateCa, ShiftedClock } from "../lib/pki-support.ts";
import { temporaryDirectory } from "../lib/support.ts";
import { getHttps, openTls } from "./https.ts";
import { opened } from "./listener-support.ts";

const fingerprint = ({ certificate }: Identity): string => new X509Certificate(certificate).fingerprint256;

describe("HTTPS with a certificate of the agent's own", () => {
  it("is accepted by a client that trusts the CA, and by no other", async () => {
    const { port, authority } = await opened({ tls: {} });
    const reply = await getHttps(port, "/livez", { ca: await authority() });
    expect([reply.code, reply.body]).toEqual([200, '{"status":"alive"}']);
    await expect(getHttps(port, "/livez", {})).rejects.toThrow(/unable to verify|self-signed/);
    const { ca: other } = await privateCa();
    await expect(getHttps(port, "/livez", { ca: (await other.authority()).certificate })).rejects.toThrow(/unable to/);
  });

  it("is what the port speaks: plain HTTP gets nothing", async () => {
    const { port } = await opened({ tls: {} });
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  });

  it("has the owner's names besides the host's own", async () => {
    const { port, authority } = await opened({ tls: { names: ["gateway.example.com", "10.9.8.7"] } });
    const { certificate } = await getHttps(port, "/livez", { ca: await authority() }, { host: "gateway.example.com" });
    for (const name of ["DNS:gateway.example.com", "IP Address:10.9.8.7", "DNS:localhost", "IP Address:127.0.0.1"])
      expect(certificate.subjectaltname?.split(", ")).toContain(name);
  });

  it("answers foreign host names as little as HTTP does", async () => {
    const { port, authority } = await opened({ tls: { names: ["gateway.example.com"] } });
    const codes = ["gateway.example.com", "attacker.example"].map(
      async (host) => (await getHttps(port, "/livez", { ca: await authority(), servername: "localhost" }, { host })).code,
    );
    expect(await Promise.all(codes)).toEqual([200, 421]);
  });

  it.each(["TLSv1.1", "TLSv1.2", "TLSv1.3"] as const)(
    "speaks %s or not, as it should, also after a renewal",
    async (maxVersion) => {
      const clock = new ShiftedClock();
      clock.days = -70;
      const { port, authority, listener } = await opened({ tls: {} }, { clock });
      const trust = { ca: await authority(), minVersion: "TLSv1", maxVersion, ciphers: "DEFAULT@SECLEVEL=0" } as const;
      const ask = () =>
        getHttps(port, "/livez", trust).then(
          ({ code }) => code,
          (thrown: Error) => thrown.message,
        );
      const wanted = maxVersion === "TLSv1.1" ? expect.stringMatching(/protocol version|alert/) : 200;
      expect(await ask()).toEqual(wanted);
      clock.days = 0;
      await listener.check();
      expect(await ask()).toEqual(wanted);
    },
  );

  it("is renewed while it serves, before it expires, and open connections go on", async () => {
    const clock = new ShiftedClock();
    clock.days = -89;
    const { port, authority, listener, state } = await opened({ tls: {} }, { clock });
    const trust = { ca: await authority() };
    const before = (await getHttps(port, "/livez", trust)).certificate;
    const open = await openTls(port, trust);
    expect(state().troubles).toEqual([]);
    clock.days = 0;
    await listener.check();
    const after = (await getHttps(port, "/livez", trust)).certificate;
    expect(Date.parse(before.valid_to) - Date.now()).toBeLessThan(1.1 * DAY_MS);
    expect(Date.parse(after.valid_to) - Date.now()).toBeGreaterThan(89 * DAY_MS);
    expect(state().status.certificateExpiresAt).toBe(Date.parse(after.valid_to));
    open.write("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect(await new Promise((resolve) => open.once("data", (data) => resolve(String(data).slice(0, 12))))).toBe("HTTP/1.1 200");
    open.destroy();
  });

  it("that could not be renewed tells when it ends, and why", async () => {
    const clock = new ShiftedClock();
    const { listener, state, ca } = await opened({ tls: {} }, { clock });
    await writeFile(ca.publicPath.replace(".crt", ".pem"), "broken");
    clock.days = 80;
    await listener.check();
    expect(state().troubles.map(({ code }) => code)).toEqual(["tls-refused", "tls-expiring"]);
    expect(state().troubles[0]?.text).toMatch(/authority\.pem .* What was in force stays in force\.$/);
  });
});

/** The owner's own PKI: files in a directory, as another CA has issued them. */
const owners = async (clock = new ShiftedClock()) => {
  const directory = await temporaryDirectory();
  const { ca } = await privateCa(clock);
  const issue = (days = 90): Promise<Identity> =>
    ca.authority().then((authority) =>
      issueLeaf(authority, {
        usage: "server",
        name: "owners",
        hosts: ["localhost", "127.0.0.1"],
        validity: { from: Date.now() - 400 * DAY_MS, until: Date.now() + days * DAY_MS },
      }),
    );
  const [certificate, key] = [join(directory, "fullchain.pem"), join(directory, "key.pem")];
  const put = async (identity: Identity): Promise<void> => {
    await writeFile(certificate, identity.certificate);
    await writeFile(key, identity.key.reveal(), { mode: 0o600 });
  };
  return { issue, put, certificate, key, trust: { ca: (await ca.authority()).certificate } };
};

describe("HTTPS with the owner's files", () => {
  it("shows the owner's certificate, and makes none of its own", async () => {
    const own = await owners();
    const identity = await own.issue();
    await own.put(identity);
    const { port, ca, state } = await opened({ tls: { certificate: own.certificate, key: own.key } });
    expect((await getHttps(port, "/livez", own.trust)).certificate.fingerprint256).toBe(fingerprint(identity));
    expect(await ca.look()).toEqual({ authority: undefined, server: undefined });
    expect(state().status.authorityExpiresAt).toBeNull();
  });

  it("takes a replacement at once", async () => {
    const own = await owners();
    await own.put(await own.issue());
    const { port, touch } = await opened({ tls: { certificate: own.certificate, key: own.key } });
    const next = await own.issue();
    await own.put(next);
    await touch(own.certificate);
    expect((await getHttps(port, "/livez", own.trust)).certificate.fingerprint256).toBe(fingerprint(next));
  });

  const running = async () => {
    const own = await owners();
    const good = await own.issue();
    await own.put(good);
    const { port, touch, state, log } = await opened({ tls: { certificate: own.certificate, key: own.key } });
    const seen = async () => (await getHttps(port, "/livez", own.trust)).certificate.fingerprint256;
    return { ...own, good, touch, state, log, seen };
  };

  it.each([
    ["a certificate that has expired", /fullchain\.pem expired on \d{4}-/, async (own) => own.put(await own.issue(-1))],
    [
      "a key of another certificate",
      /key\.pem does not fit .*mismatch/i,
      async (own) => writeFile(own.key, (await own.issue()).key.reveal()),
    ],
    ["no certificate", /fullchain\.pem holds no certificate/, async (own) => writeFile(own.certificate, "nonsense")],
    [
      "a torn certificate",
      /fullchain\.pem holds no certificate/,
      async (own) => writeFile(own.certificate, own.good.certificate.slice(0, 500)),
    ],
    ["a torn key", /key\.pem holds no private key/, async (own) => writeFile(own.key, own.good.key.reveal().slice(0, 500))],
    [
      "a key that everyone may read",
      /key\.pem holds a private key and is open to every user/,
      async (own) => chmod(own.key, 0o644),
    ],
    ["a certificate that is away", /fullchain\.pem cannot be read: ENOENT/, async (own) => rm(own.certificate)],
    ["a directory", /key\.pem is not a regular file/, async (own) => rm(own.key).then(() => mkdir(own.key))],
  ] as [string, RegExp, (own: Awaited<ReturnType<typeof running>>) => Promise<unknown>][])(
    "keeps what is in force when it gets %s, says so, and says when it is well again",
    async (_what, words, breakIt) => {
      const own = await running();
      await breakIt(own);
      await own.touch(own.key);
      expect(own.state().troubles).toMatchObject([{ code: "tls-refused", text: expect.stringMatching(words) }]);
      expect(own.state().troubles[0]?.text).toContain("What was in force stays in force.");
      expect(await own.seen()).toBe(fingerprint(own.good));
      expect(JSON.stringify(own.state()) + own.log.lines.join()).not.toContain(own.good.key.reveal().split("\n")[3]);
      await rm(own.key, { recursive: true, force: true });
      await own.put(own.good);
      await own.touch(own.key);
      expect(own.state().troubles).toEqual([]);
    },
  );

  it("that were never any good refuse every connection until they are", async () => {
    const own = await owners();
    const { port, state, touch } = await opened({ tls: { certificate: own.certificate, key: own.key } });
    await expect(getHttps(port, "/livez", own.trust)).rejects.toThrow(/handshake failure|alert/);
    expect(state().troubles[0]?.text).toContain("Until then every TLS connection is refused.");
    expect(state().status.certificateExpiresAt).toBeNull();
    await own.put(await own.issue());
    await touch(own.key);
    expect((await getHttps(port, "/livez", own.trust)).code).toBe(200);
  });

  it("are told of two weeks before they end", async () => {
    const own = await owners();
    const clock = new ShiftedClock();
    await own.put(await own.issue(20));
    const { listener, state } = await opened({ tls: { certificate: own.certificate, key: own.key } }, { clock });
    expect(state().troubles).toEqual([]);
    clock.days = 7;
    await listener.check();
    expect(state().troubles).toMatchObject([{ code: "tls-expiring", fix: expect.stringContaining(own.certificate) }]);
  });
});

describe("client certificates", () => {
  const REFUSED =
    /disconnected before secure|certificate required|ECONNRESET|socket hang up|unknown ca|unsupported certificate|alert|bad certificate|expired/;
  const shown = ({ certificate, key }: Identity) => ({ cert: certificate, key: key.reveal() });

  const required = async (more: object = {}) => {
    const open = await opened({ tls: { client_certificates: "required", ...more } });
    const trust = { ca: await open.authority() };
    const ask = (identity?: Identity, rest: object = {}) =>
      getHttps(open.port, "/metrics", { ...trust, ...(identity ? shown(identity) : {}), ...rest });
    return { ...open, ask };
  };

  it("of the agent's own CA are let in", async () => {
    const { ask, ca } = await required();
    expect((await ask(await ca.client("prometheus", 30))).code).toBe(200);
  });

  it("are required, also at /livez", async () => {
    const { ask, port, authority } = await required();
    await expect(ask()).rejects.toThrow(REFUSED);
    await expect(getHttps(port, "/livez", { ca: await authority() })).rejects.toThrow(REFUSED);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("of another CA are refused with %s", async (maxVersion) => {
    const { ask } = await required();
    const { ca: other } = await privateCa();
    await expect(ask(await other.client("prometheus", 30), { maxVersion })).rejects.toThrow(REFUSED);
  });

  it("that have expired are refused", async () => {
    const clock = new ShiftedClock();
    const { ask, ca } = await required();
    const authority = await ca.authority();
    const validity = { from: clock.now() - 2 * DAY_MS, until: clock.now() - DAY_MS };
    await expect(ask(await issueLeaf(authority, { usage: "client", name: "late", hosts: [], validity }))).rejects.toThrow(
      REFUSED,
    );
  });

  it("are no servers' certificates", async () => {
    const { ask, ca } = await required();
    await expect(ask(await ca.server(["127.0.0.1"]))).rejects.toThrow(REFUSED);
  });

  it("are those of the owner's CA where there is one, and then the agent's own are not", async () => {
    const { ca: clients, directory } = await privateCa();
    await clients.authority();
    const { ask, ca } = await required({ client_ca: join(directory, "authority.crt") });
    expect((await ask(await clients.client("prometheus", 30))).code).toBe(200);
    await expect(ask(await ca.client("prometheus", 30))).rejects.toThrow(REFUSED);
  });

  it("go with the owner's CA when it is replaced", async () => {
    const [one, two, directory] = [await privateCa(), await privateCa(), await temporaryDirectory()];
    const file = join(directory, "clients.pem");
    await writeFile(file, (await one.ca.authority()).certificate);
    const { ask, touch, state } = await required({ client_ca: file });
    await writeFile(file, (await two.ca.authority()).certificate);
    await touch(file);
    await expect(ask(await one.ca.client("a", 30))).rejects.toThrow(REFUSED);
    expect((await ask(await two.ca.client("a", 30))).code).toBe(200);
    await writeFile(file, "nonsense");
    await touch(file);
    expect((await ask(await two.ca.client("a", 30))).code).toBe(200);
    expect(state().troubles).toMatchObject([{ code: "tls-refused", text: expect.stringContaining(file) }]);
  });

  it("are all worth nothing once the CA was removed, sessions that were begun with them too", async () => {
    const { ask, ca, port, listener, authority } = await required();
    const identity = await ca.client("prometheus", 30);
    const socket = await openTls(port, { ca: await authority(), ...shown(identity) });
    const session = await new Promise<Buffer>((resolve) => socket.once("session", resolve));
    socket.destroy();
    expect((await ask(identity, { session })).code).toBe(200);
    await rm(join(ca.publicPath, ".."), { recursive: true });
    await listener.check();
    const trust = { ca: await authority() };
    await expect(ask(identity, { ...trust, session })).rejects.toThrow(REFUSED);
    expect((await ask(await ca.client("prometheus", 30), trust)).code).toBe(200);
  });

  it("let nobody in without a CA to hold them against", async () => {
    const { port, ca } = await opened({ tls: { client_certificates: "required", client_ca: "/nonexistent/ca.pem" } });
    const identity = await ca.client("prometheus", 30);
    const trust = { ca: (await ca.authority()).certificate, ...shown(identity) };
    await expect(getHttps(port, "/livez", trust)).rejects.toThrow(/handshake failure|alert/);
  });
});
