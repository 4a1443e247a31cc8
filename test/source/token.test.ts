import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { netrcPassword } from "../../agent/source/netrc.ts";
import { readToken } from "../../agent/source/token.ts";
import { everythingOf, failureOf, temporaryDirectory } from "./support.ts";

const NETRC = "machine api.heroku.com login me@example.com password from-netrc\n";

const places = async () => {
  const home = await temporaryDirectory();
  const credentials = join(home, "credentials");
  await mkdir(credentials);
  return { home, credentials };
};

describe("the token", () => {
  test("comes from the systemd credential before anything else", async () => {
    const { home, credentials } = await places();
    await writeFile(join(credentials, "heroku-api-key"), "from-systemd\n");
    await writeFile(join(home, ".netrc"), NETRC);
    const token = await readToken({ CREDENTIALS_DIRECTORY: credentials, HEROKU_API_KEY: "from-env", HOME: home });
    expect(token.reveal()).toBe("from-systemd");
  });

  test("comes from HEROKU_API_KEY when systemd has no such credential", async () => {
    const { home, credentials } = await places();
    await writeFile(join(home, ".netrc"), NETRC);
    const token = await readToken({ CREDENTIALS_DIRECTORY: credentials, HEROKU_API_KEY: "from-env", HOME: home });
    expect(token.reveal()).toBe("from-env");
  });

  test("comes from ~/.netrc at last", async () => {
    const { home } = await places();
    await writeFile(join(home, ".netrc"), NETRC);
    expect((await readToken({ HOME: home })).reveal()).toBe("from-netrc");
  });

  test("is read anew each time", async () => {
    const { home, credentials } = await places();
    const path = join(credentials, "heroku-api-key");
    await writeFile(path, "old");
    const env = { CREDENTIALS_DIRECTORY: credentials, HOME: home };
    expect((await readToken(env)).reveal()).toBe("old");
    await writeFile(path, "new");
    expect((await readToken(env)).reveal()).toBe("new");
  });

  test("is missing: the error says how to make one", async () => {
    const { home } = await places();
    const error = await failureOf(() => readToken({ HOME: home }));
    expect(error).toMatchObject({ code: "TOKEN_MISSING", fix: expect.stringContaining("heroku authorizations:create") });
  });

  test.each(["", "  ", "two words", "line\nbreak", "caf\u00e9"])("%j is no token, and is not quoted", async (text) => {
    const { home, credentials } = await places();
    await writeFile(join(credentials, "heroku-api-key"), text);
    const error = await failureOf(() => readToken({ CREDENTIALS_DIRECTORY: credentials, HOME: home }));
    expect(error.code).toBe("TOKEN_MISSING");
    if (text.trim() !== "") expect(everythingOf(error)).not.toContain(text);
  });

  test("in a place that cannot be read: the place is named", async () => {
    const { home, credentials } = await places();
    await mkdir(join(credentials, "heroku-api-key"));
    const error = await failureOf(() => readToken({ CREDENTIALS_DIRECTORY: credentials, HOME: home }));
    expect(error.message).toContain("heroku-api-key cannot be read (EISDIR)");
  });
});

describe("the credential's file as setup stored it", () => {
  const stored = async (text = "stored\n") => {
    const { home } = await places();
    const path = join(home, "heroku-api-key");
    await writeFile(path, text);
    await writeFile(join(home, ".netrc"), "machine api.heroku.com password netrc");
    return { path, home };
  };

  test("counts before ~/.netrc", async () => {
    const { path, home } = await stored();
    expect((await readToken({ HOME: home }, path)).reveal()).toBe("stored");
  });

  test("counts after HEROKU_API_KEY", async () => {
    const { path, home } = await stored();
    expect((await readToken({ HOME: home, HEROKU_API_KEY: "env" }, path)).reveal()).toBe("env");
  });

  test("that cannot be read is as if it were not there", async () => {
    const { home } = await stored();
    expect((await readToken({ HOME: home }, home)).reveal()).toBe("netrc");
  });

  test("with two words inside is refused", async () => {
    const { path, home } = await stored("two words");
    expect((await failureOf(() => readToken({ HOME: home }, path))).message).toContain(path);
  });
});

describe("a netrc file", () => {
  const password = (text: string) => netrcPassword(text, "api.heroku.com");

  test.each([
    ["on one line", "machine api.heroku.com login me password right"],
    ["over several lines", "machine api.heroku.com\n  login me\n  password right\n"],
    ["with tabs and Windows line ends", "machine\tapi.heroku.com\r\n\tpassword\tright\r\n"],
    ["the password before the login", "machine api.heroku.com password right login me"],
    ["with an account", "machine api.heroku.com login me account x password right"],
    ["among other machines", "machine a password wrong\nmachine api.heroku.com password right\nmachine b password wrong"],
    ["twice: the first counts", "machine api.heroku.com password right\nmachine api.heroku.com password wrong"],
    ["a login named password", "machine api.heroku.com login password password right"],
    ["behind a comment", "# machine api.heroku.com password wrong\nmachine api.heroku.com password right"],
    ["before default", "machine api.heroku.com password right\ndefault password wrong"],
    ["default alone", "machine other password wrong\ndefault login me password right"],
    ["behind a macro", "macdef init\nmachine api.heroku.com password wrong\n\nmachine api.heroku.com password right"],
    ["a macro in a machine", "machine a password wrong\nmacdef x\npassword wrong\n\nmachine api.heroku.com password right"],
  ])("%s", (_case, text) => {
    expect(password(text)).toBe("right");
  });

  test.each([
    ["empty", ""],
    ["without the machine", "machine git.heroku.com password wrong"],
    ["without a password", "machine api.heroku.com login me"],
    ["cut off", "machine api.heroku.com password"],
    ["only inside a macro at the end", "macdef x\nmachine api.heroku.com password wrong"],
    ["a password before any machine", "password wrong"],
  ])("%s gives none", (_case, text) => {
    expect(password(text)).toBeUndefined();
  });
});
