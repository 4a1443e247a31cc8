import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { inlineSettings, readFirstBoot } from "../../agent/settings/first-boot.ts";
import { failureOf, temporaryDirectory } from "../lib/support.ts";

const fileWith = async (text: string): Promise<string> => {
  const file = join(await temporaryDirectory(), "first-boot.yaml");
  await writeFile(file, text);
  return file;
};

const complaint = async (text: string): Promise<string> => {
  const error = await failureOf(async () => readFirstBoot(await fileWith(text)));
  expect(error).toMatchObject({ code: "SETTINGS_INVALID", fix: expect.stringContaining("first-boot") });
  return error.message.replaceAll(/^.*first-boot\.yaml/gm, "FILE");
};

describe("the first-boot file", () => {
  it("is nothing to do when it is not there", async () => {
    expect(await readFirstBoot(join(await temporaryDirectory(), "first-boot.yaml"))).toBeUndefined();
  });

  it("says where settings and token come from, and looks at EC2's source/destination check", async () => {
    const file = await fileWith("settings: { ssm_parameter: /gw/settings }\ntoken: { secret: gw/token, key: heroku }\n");
    expect(await readFirstBoot(file)).toEqual({
      settings: { ssm_parameter: "/gw/settings" },
      token: { secret: "gw/token", key: "heroku" },
      source_dest_check: "verify",
    });
  });

  it("takes ARNs", async () => {
    const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/gw/settings";
    const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gw/token-AbCdEf";
    const file = await fileWith(`settings: { ssm_parameter: "${parameter}" }\ntoken: { secret: "${secret}" }\n`);
    expect(await readFirstBoot(file)).toMatchObject({ settings: { ssm_parameter: parameter }, token: { secret } });
  });

  it.each([
    ["settings: {}\n", "settings: must have exactly one of file, ssm_parameter and inline"],
    ["settings: { file: /a, ssm_parameter: /b }\n", "settings: must have exactly one of"],
    ["settings: { file: a/b }\n", "settings.file: must be an absolute path"],
    ["settings: { file: /a }\ntoken: { key: a }\n", "token: must have exactly one of"],
    ["settings: { file: /a }\ntoken: { file: /b, key: a }\n", "token.key: key belongs to a secret"],
    ["settings: { ssm_parameter: 'a b' }\n", "settings.ssm_parameter: must be the name or the ARN of a parameter"],
    ["settings: { file: /a }\nsource_dest_check: off\n", "source_dest_check: must be one of verify, disable, ignore"],
    ["settings: { file: /a }\nregion: Ireland\n", 'region: must be a region of AWS; got "Ireland"; for example eu-west-1'],
    ["settings: { ssm_paramter: /a }\n", "settings.ssm_paramter: unknown key; did you mean ssm_parameter?"],
  ])("is refused with field, value and what would be right: %s", async (text, words) => {
    expect(await complaint(text)).toContain(words);
  });

  it("names the line", async () => {
    expect(await complaint("settings: { file: /a }\nregion: Ireland\n")).toMatch(/^FILE:2:9 region/);
  });

  it("does not repeat a token that was put into it", async () => {
    const text = "settings: { file: /a }\ntoken: HRKU-01234567-89ab-cdef-0123-456789abcdef\n";
    expect(await complaint(text)).not.toContain("HRKU");
  });
});

describe("settings that stand in the first-boot file", () => {
  const connection = { space: "acme-space", name: "office", local: { subnets: ["172.16.0.0/16"] } };

  it("become the text of a settings file", () => {
    const { text, settings } = inlineSettings({ connections: [connection] }, "first-boot.yaml");
    expect(text).toContain("connections:\n  - space: acme-space\n");
    expect(settings.connections[0]?.name).toBe("office");
  });

  it("are refused where they would be refused as a file, under their place in this one", () => {
    const wrong = { connections: [{ ...connection, local: { subnets: ["8.8.8.0/24"] } }], logs: {} };
    try {
      inlineSettings(wrong, "first-boot.yaml");
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(SpacegateError);
      expect((thrown as SpacegateError).message.split("\n")).toEqual([
        expect.stringMatching(/^first-boot\.yaml settings\.inline\.connections\[0\]\.local\.subnets\[0\]: must lie within/),
        expect.stringMatching(/^first-boot\.yaml settings\.inline\.logs: unknown key; did you mean log\?/),
      ]);
    }
  });
});
