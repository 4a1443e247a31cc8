import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { copyTemplate } from "../../packer/image/packer.ts";
import { directory, PACKER, put } from "./support.ts";

/** As a user runs it, with Debian's Packer: a copy of the folder, and no credentials. */
const validate = async (template: string, ...more: readonly string[]) => {
  const files = directory();
  for (const name of ["x.deb", "key", "base.qcow2"]) await put(files, name, "");
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(files, "id")]);
  const variables = [
    `deb=${join(files, "x.deb")}`,
    "version=1.2.3-1",
    "commit=0123abc",
    `base_disk=${join(files, "base.qcow2")}`,
  ];
  const args = [...variables, `ssh_key=${join(files, "id")}`].flatMap((text) => ["-var", text]);
  const env = { PATH: process.env.PATH ?? "", HOME: files, CHECKPOINT_DISABLE: "1", PACKER_CONFIG_DIR: files };
  return execa("packer", ["validate", ...args, ...more, template], { env, extendEnv: false, reject: false, all: true });
};

const copy = async (): Promise<string> => {
  const to = join(directory(), "packer");
  await copyTemplate(PACKER, to);
  return to;
};

const template = await readFile(join(PACKER, "spacegate.pkr.hcl"), "utf8");

/** The text of one block, by the line that it begins with. */
const block = (begin: string): string => {
  const [, text] = template.split(`\n${begin} {\n`);
  return text?.split("\n}\n")[0] ?? "";
};

const amazon = block('source "amazon-ebs" "gateway"');
const build = block("build");

describe("the template", () => {
  it("is valid for both sources, without credentials", async () => {
    const { failed, all } = await validate(await copy());
    expect(all).not.toMatch(/error/i);
    expect(failed).toBe(false);
  });

  for (const source of ["amazon-ebs.gateway", "qemu.gateway"])
    it(`is valid for ${source} alone`, async () => {
      expect(await validate(await copy(), `-only=${source}`)).toMatchObject({ failed: false });
    });

  it("is refused when a source says something that its builder does not know", async () => {
    const to = await copy();
    await put(to, "spacegate.pkr.hcl", template.replace("ena_support ", "ena_supported "));
    expect(await validate(to)).toMatchObject({ failed: true });
  });

  it("keeps what Debian's Packer does not know in one file, and nothing else there", async () => {
    const plugins = await readFile(join(PACKER, "plugins.pkr.hcl"), "utf8");
    expect(plugins.match(/^\w+/gm)).toEqual(["packer"]);
    expect(await validate(PACKER)).toMatchObject({ failed: true });
  });

  it("asks for no variable's value in its defaults that would be a secret", () => {
    expect(template).not.toMatch(/access_key|secret_key|token|password/i);
  });
});

describe("the build", () => {
  it("is one for both sources", () => {
    expect(template.match(/^build /gm)).toHaveLength(1);
    expect(build).toContain('sources = ["source.amazon-ebs.gateway", "source.qemu.gateway"]');
  });

  it("provisions both with the same scripts, and ends with the check", () => {
    const provisioners = build.split(/\n {2}provisioner /).slice(1);
    const bound = provisioners.filter((text) => /\b(only|except)\b/.test(text.split("\n  }")[0] ?? ""));
    expect(bound.map((text) => text.split(" ")[0])).toEqual(['"shell-local"']);
    const scripts = [...build.matchAll(/path\.root\}\/([a-z]+\.sh)/g)].map(([, name]) => name);
    expect(scripts).toEqual(["provision.sh", "clean.sh", "report.sh", "check.sh"]);
    expect(provisioners.at(-1)).toContain("check.sh");
  });

  it("uploads every file that a script puts in its place, and no other", async () => {
    const script = await readFile(join(PACKER, "provision.sh"), "utf8");
    const placed = [...script.matchAll(/^ {2}put (\S+)/gm)].map(([, name]) => name);
    expect(placed.toSorted()).toEqual((await readdir(join(PACKER, "files"))).toSorted());
  });
});

describe("the image for EC2", () => {
  it("is encrypted, with a key that can be chosen", () => {
    expect(amazon).toMatch(/encrypt_boot += true/);
    expect(amazon).toMatch(/kms_key_id += var\.kms_key_id/);
  });

  it("has tags that tell the version and the commit, on everything that the build makes", () => {
    for (const what of ["tags", "snapshot_tags", "run_tags", "run_volume_tags"])
      expect(amazon).toMatch(new RegExp(`^ {2}${what} += local\\.tags$`, "m"));
    expect(block("locals")).toMatch(/Version += var\.version/);
    expect(block("locals")).toMatch(/Commit += var\.commit/);
    expect(amazon).toMatch(/ami_name += "spacegate-\$\{var\.version\}/);
  });

  it("has enhanced networking, and a base that one account publishes", () => {
    expect(amazon).toMatch(/ena_support += true/);
    expect(amazon).toMatch(/owners += \[var\.source_owner\]/);
    expect(block('variable "source_owner"')).toContain('"136693071363"');
  });

  it("requires IMDSv2 of the build's instance before anything else, and of the image", () => {
    expect(build.split(/\n {2}provisioner /)[1]).toMatch(/amazon\.ts' instance '\$\{var\.region\}' '\$\{build\.ID\}'/);
    expect(build.split("post-processors {")[1]).toContain("amazon.ts' images");
  });
});
