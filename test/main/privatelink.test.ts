import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type StandInState, startPlatformApi } from "../lab/stand-in/platform-api.ts";
import { endpointOf, KVS, oldLink, PASSWORD, QUICK } from "../privatelink/heroku/support.ts";
import { spacegate, TOKEN } from "./support.ts";
import { atTerminal, CTRL_C, ENTER } from "./terminal.ts";

const APP = ["--app", "acme-app"];
const KVS_OF_APP = [KVS.name, ...APP];
const ACCOUNT = ["--aws-account-id", "123456789012"];
const LINKED = { links: { [KVS.name]: { ...oldLink(), endpoints: [endpointOf()] } } };
/** What nothing may say: the token as it is sent too, and the password of the connection string. */
const SECRETS = [TOKEN, Buffer.from(`:${TOKEN}`).toString("base64"), PASSWORD];

const setup = async (changes: Partial<StandInState> = {}) => {
  const state = { token: TOKEN, connections: {}, addons: [KVS], linkTimes: QUICK, ...changes };
  const api = await startPlatformApi({ state });
  onTestFinished(() => api.close());
  const env = { HEROKU_HOST: api.url, HEROKU_DATA_HOST: api.url, HEROKU_API_KEY: TOKEN };
  const run = (args: readonly string[], secrets = SECRETS) => spacegate(["privatelink", ...args], env, secrets);
  const changing = () =>
    api.requests.filter(({ method, path }) => method !== "GET" && path.startsWith("/private-link")).map(({ method }) => method);
  return { state: state as StandInState, api, env, run, changing };
};

describe("spacegate privatelink", () => {
  it("goes from create to destroy in the words of the client's plugin", async () => {
    const { run, changing } = await setup();
    const made = await run(["create", KVS.name, "--aws-account-id", "123456789012:user/abc.xyz", ...APP]);
    expect([made.exitCode, made.stdout]).toEqual([
      0,
      expect.stringMatching(/^acme-app\/redis-kvs-12345: Provisioning\n {2}service name {2}not yet/),
    ]);
    const waited = await run(["wait", ...KVS_OF_APP, "--poll", "50ms"]);
    expect([waited.exitCode, waited.stdout]).toEqual([0, expect.stringMatching(/: Operational\n.*vpce-svc-0410a2e25933fe8ec\n/)]);
    expect((await run(["access", "add", ...KVS_OF_APP, "-i", "210987654321", "--wait", "--poll", "50ms"])).exitCode).toBe(0);
    const { stdout } = await run(["access", "list", "REDIS_URL", ...APP, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject([
      { arn: "arn:aws:iam::123456789012:user/abc.xyz", status: "Active" },
      { arn: "arn:aws:iam::210987654321:root", status: "Active" },
    ]);
    const removed = await run(["access", "remove", ...KVS_OF_APP, "-i", "210987654321"]);
    expect([removed.exitCode, removed.stdout]).toEqual([0, expect.not.stringContaining("210987654321")]);
    const gone = await run(["destroy", ...KVS_OF_APP, "--confirm", KVS.name, "--poll", "50ms", "--json"]);
    expect([gone.exitCode, JSON.parse(gone.stdout)]).toEqual([0, { app: "acme-app", addon: KVS.name, status: "gone" }]);
    expect((await run(["info", ...KVS_OF_APP])).exitCode).toBe(1);
    expect(changing()).toEqual(["POST", "PUT", "PATCH", "DELETE"]);
  });

  it("create can wait by itself, and prints JSON alone on standard output", async () => {
    const { run } = await setup();
    const args = ["create", "--addon", KVS.name, ...APP, "--account", "123456789012", "--wait", "--poll", "50ms", "--json"];
    const { exitCode, stdout, stderr } = await run(args);
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ status: "Operational", service_name: KVS.serviceName }),
    ]);
    expect(stderr).toMatch(/^Heroku makes the PrivateLink of acme-app\/redis-kvs-12345/);
  });

  it("create of what is there already changes nothing: 0 with the same accounts, 1 with others and what to type", async () => {
    const { run, changing } = await setup(LINKED);
    const [same, other] = [
      await run(["create", ...KVS_OF_APP, ...ACCOUNT]),
      await run(["create", ...KVS_OF_APP, "-i", "210987654321:role/gateway"]),
    ];
    expect([same.exitCode, other.exitCode, changing()]).toEqual([0, 1, []]);
    expect(same.stderr).toContain("nothing is created");
    expect(other.stderr).toContain(
      "spacegate privatelink access add redis-kvs-12345 --app acme-app --aws-account-id 210987654321:role/gateway",
    );
  });

  it("info shows the link, and no connection string unless it is asked for by name", async () => {
    const { run, api } = await setup(LINKED);
    for (const args of [[], ["--json"]]) {
      const { stdout } = await run(["info", ...KVS_OF_APP, ...args]);
      expect(stdout).toContain("vpce-01c87ae3c05563935");
      expect(stdout).not.toContain("redis://");
    }
    // Config vars hold all of an app's secrets: they are not even read.
    expect(api.requests.filter(({ path }) => path.includes("config-vars"))).toEqual([]);
    const tokenOnly = SECRETS.slice(0, 2);
    const shown = await run(["info", ...KVS_OF_APP, "--show-url"], tokenOnly);
    expect(shown.stdout).toContain(`REDIS_ENDPOINT_01C87AE3C05563935_URL: redis://u:${PASSWORD}@vpce-`);
    expect(shown.stderr).not.toContain(PASSWORD);
    const { connection_urls } = JSON.parse((await run(["info", ...KVS_OF_APP, "--show-url", "--json"], tokenOnly)).stdout);
    expect(connection_urls).toMatchObject([{ endpoint_id: "vpce-01c87ae3c05563935", url: expect.stringContaining(PASSWORD) }]);
  });

  it("info --show-url says when the config var is not there yet", async () => {
    const { run } = await setup({ ...LINKED, linkTimes: { configVarMs: 1e15 } });
    expect((await run(["info", ...KVS_OF_APP, "--show-url"])).stdout).toContain("Heroku has not made its config var yet");
  });

  it.each([
    [["create", ...APP, ...ACCOUNT], /^ADDON is missing/m],
    [["create", KVS.name, ...ACCOUNT], /^--app is missing/m],
    [["create", ...KVS_OF_APP], /^--aws-account-id is missing/m],
    [["access", "add", ...KVS_OF_APP], /^--aws-account-id is missing/m],
    [["access", "remove", ...KVS_OF_APP], /^--aws-account-id is missing/m],
    [["destroy", ...KVS_OF_APP], /Add --confirm redis-kvs-12345\./],
  ])("%j without a terminal is 2 and names what is missing", async (args, words) => {
    const { run, changing } = await setup(LINKED);
    const { exitCode, stderr } = await run(args);
    expect([exitCode, changing()]).toEqual([2, []]);
    expect(stderr).toMatch(words);
  });

  it.each([
    [["create", ...KVS_OF_APP, "-i", "123456789012:group/x"], /is none\. Nothing was sent\./],
    [
      ["create", ...KVS_OF_APP, ...ACCOUNT, "-i", "arn:aws:iam::123456789012:user/x"],
      /Give it as Heroku takes it: 123456789012:user\/x/,
    ],
    [["wait", ...KVS_OF_APP, "-i", "x"], /ID:role\/NAME/],
    [["info", "../x", ...APP], /is no add-on's name/],
    [["info", KVS.name, "--app", "Acme!"], /is no Heroku app's name/],
  ])("%j is refused before anything is sent", async (args, words) => {
    const { run, api } = await setup(LINKED);
    const { exitCode, stderr } = await run(args);
    expect([exitCode, api.requests]).toEqual([1, []]);
    expect(stderr).toMatch(words);
  });

  it.each([
    ["HEROKU_DATA_HOST", "https://data.example.com"],
    ["HEROKU_DATA_HOST", "http://api.data.heroku.com"],
  ])("%s=%s would be sent the token, and is refused", async (name, value) => {
    const { env, api } = await setup(LINKED);
    const { exitCode, stderr } = await spacegate(["privatelink", "info", ...KVS_OF_APP], { ...env, [name]: value }, SECRETS);
    expect([exitCode, stderr, api.requests]).toEqual([3, expect.stringContaining(name), []]);
  });

  it("wait ends after its time with 1, and what was seen last", async () => {
    const { run } = await setup({ ...LINKED, linkShown: { status: "Hibernating" } });
    const { exitCode, stderr } = await run(["wait", ...KVS_OF_APP, "--timeout", "300ms", "--poll", "50ms"]);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/Last seen: .* is Hibernating\n.*--timeout.*\n\(PRIVATELINK_TIMEOUT\)/s),
    ]);
  });

  it.each([
    ["html", "SOURCE_MALFORMED"],
    ["reset", "SOURCE_UNAVAILABLE"],
  ] as const)("info where Heroku answers with %s ends with a code and without a secret", async (kind, code) => {
    const { run } = await setup({ ...LINKED, fault: { kind, at: "/private-link" } });
    const { exitCode, stderr } = await run(["info", ...KVS_OF_APP]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`(${code})`)]);
  });
});

describe("spacegate privatelink at a terminal", () => {
  it("destroy takes the typed name as confirmation, and nothing else", async () => {
    const { env, changing } = await setup(LINKED);
    for (const [answer, code, asked] of [
      ["yes", 1, []],
      [KVS.name, 0, ["DELETE"]],
    ] as const) {
      const person = atTerminal(["privatelink", "destroy", ...KVS_OF_APP, "--poll", "50ms"], env);
      await person.until(/type the add-on's name \(redis-kvs-12345\)/);
      person.type(`${answer}${ENTER}`);
      expect([await person.ended, changing()]).toEqual([code, asked]);
      for (const secret of SECRETS) expect(person.text()).not.toContain(secret);
    }
  });

  it("wait shows progress in one line, and Ctrl-C says how to go on", async () => {
    const { env } = await setup({ ...LINKED, linkShown: { status: "Provisioning" } });
    const person = atTerminal(["privatelink", "wait", ...KVS_OF_APP, "--poll", "50ms"], env);
    await person.until(/\racme-app\/redis-kvs-12345 is Provisioning \(\ds\)/);
    person.type(CTRL_C);
    expect(await person.ended).toBe(130);
    expect(person.text()).toMatch(
      /Stopped\. Waiting changes nothing.*\s+Go on with: spacegate privatelink wait redis-kvs-12345 --app acme-app\s/,
    );
  });

  it("Ctrl-C while Heroku does not answer says that nothing was changed", async () => {
    const { env, state } = await setup({ ...LINKED, fault: { kind: "hang", times: 1 } });
    const person = atTerminal(["privatelink", "info", ...KVS_OF_APP], env);
    await vi.waitFor(() => expect(state.fault?.times).toBe(0), 15_000);
    person.type(CTRL_C);
    expect(await person.ended).toBe(130);
    expect(person.text()).toMatch(/Stopped\. Nothing was changed\./);
  });
});
