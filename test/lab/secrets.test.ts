import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dirSync, setGracefulCleanup } from "tmp";
import { describe, expect, it } from "vitest";
import { DATA_SECRETS, KVS } from "./privatelink/sample.ts";
import { NEW_PSKS, SAMPLE, TUNNELS } from "./sample.ts";
import { searchForSecrets, secretsIn } from "./secrets.ts";

setGracefulCleanup();

describe("the search for secrets", () => {
  it.each([
    ["a PSK", `secret = ${TUNNELS[0].psk};`, ["PSK 1"]],
    ["a PSK in base64, as ipsec.secrets has it", `PSK 0s${Buffer.from(TUNNELS[1].psk).toString("base64")}`, ["PSK 2"]],
    ["a PSK that a scenario changes to", NEW_PSKS[0], ["the new PSK 1"]],
    ["the token", `Authorization: Bearer ${SAMPLE.token}`, ["the token"]],
    ["the token as basic authentication", Buffer.from(`:${SAMPLE.token}`).toString("base64"), ["the token"]],
    ["a link's password in its URL", KVS.url, ["the secret of redis"]],
    ["a link's password alone", `requirepass ${DATA_SECRETS.postgres}`, ["the secret of postgres"]],
    ["AWS's secret access key", `AWS_SECRET_ACCESS_KEY=${DATA_SECRETS.aws}`, ["the secret of aws"]],
    ["nothing", "all is well", []],
  ])("finds %s", (_, text, found) => {
    expect(secretsIn(text)).toEqual(found);
  });

  it("names the files, at any depth", () => {
    const directory = dirSync({ unsafeCleanup: true }).name;
    mkdirSync(join(directory, "deep"));
    writeFileSync(join(directory, "fine.log"), "all is well");
    writeFileSync(join(directory, "deep", "agent.log"), `psk=${TUNNELS[0].psk} token=${SAMPLE.token}`);
    expect(searchForSecrets(directory)).toEqual(["agent.log contains PSK 1", "agent.log contains the token"]);
  });
});
