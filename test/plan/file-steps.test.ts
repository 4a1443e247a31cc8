import { describe, expect, it } from "vitest";
import type { DesiredFile } from "../../agent/model/desired.ts";
import type { Observed } from "../../agent/model/observed.ts";
import { DEBIAN_PATHS } from "../../agent/model/paths.ts";
import { fileSteps, holdsMissing, keptName, withInclude } from "../../agent/plan/file-steps.ts";
import {
  entriesFor,
  fileOf,
  fileOnDisk,
  matchingHost,
  numberedConnection,
  type Sample,
  sample,
  sampleConnection,
  sampleEntry,
  sampleSettings,
} from "../sample.ts";
import { lines, only } from "./step-lines.ts";

const own = sample();
const include = sample({ settings: sampleSettings([sampleEntry()], { install: { mode: "include" } }) });

const stepsOf = (of: Sample, observed: Observed) => fileSteps(of.desired, of.files, observed, DEBIAN_PATHS);

const withFiles = (of: Sample, files: Observed["files"], base = matchingHost(of)): Observed => ({
  ...base,
  files: { ...base.files, ...files },
});

const writtenTo = (of: Sample, observed: Observed, path: string): DesiredFile => {
  const step = stepsOf(of, observed).find((one) => one.kind === "write-file" && one.file.path === path);
  if (step?.kind !== "write-file") throw new Error(`${path} is not written`);
  return step.file;
};

describe("own mode", () => {
  it("writes nothing when every file is right", () => {
    expect(stepsOf(own, matchingHost(own))).toEqual([]);
  });

  it("writes a new host's files: the conns, which may be refused, first", () => {
    const steps = stepsOf(own, { ...matchingHost(own), files: {} });
    expect(only(steps, "write-file", "keep-original")).toEqual([
      "write /etc/ipsec.conf",
      "write /etc/ipsec.secrets",
      "write /etc/strongswan.d/spacegate.conf",
    ]);
  });

  it.each(["/etc/strongswan.d/spacegate.conf", "/etc/ipsec.secrets"])("writes only %s when only that differs", (path) => {
    const found = fileOnDisk("# Written by spacegate. Of old.\n");
    expect(lines(stepsOf(own, withFiles(own, { [path]: found })))).toEqual([`write ${path}`]);
  });

  it("sets a mode right that lets others read the PSKs", () => {
    const { path, content } = fileOf(own, "ipsec.secrets");
    expect(lines(stepsOf(own, withFiles(own, { [path]: { content, mode: 0o644, modifiedAt: 0 } })))).toEqual([`write ${path}`]);
  });

  it("keeps what it found, beside its own", () => {
    const steps = stepsOf(own, withFiles(own, { "/etc/ipsec.secrets": fileOnDisk("1.2.3.4 : PSK x\n") }));
    expect(lines(steps)).toEqual(["keep /etc/ipsec.secrets as /etc/ipsec.secrets.before-spacegate", "write /etc/ipsec.secrets"]);
  });

  it("keeps it once: what the agent found first stays", () => {
    const files = { "/etc/ipsec.secrets": fileOnDisk("edited\n"), [keptName("/etc/ipsec.secrets")]: fileOnDisk("first\n") };
    expect(lines(stepsOf(own, withFiles(own, files)))).toEqual(["write /etc/ipsec.secrets"]);
  });

  it("does not keep its own older file", () => {
    const files = { "/etc/ipsec.secrets": fileOnDisk("# Written by spacegate. DO NOT EDIT\n172.16.0.2 : PSK 0sYQ==\n") };
    expect(only(stepsOf(own, withFiles(own, files)), "keep-original")).toEqual([]);
  });
});

describe("a changed ipsec.conf", () => {
  const changed = { "/etc/ipsec.conf": fileOnDisk("# Written by spacegate. Of old.\n") };
  const check = "have charon check the proposals ike=aes256-sha256-modp2048 esp=aes256-sha256-modp2048";

  it("goes in after charon has seen its proposals, once for all tunnels that share them", () => {
    expect(lines(stepsOf(own, withFiles(own, changed)))).toEqual([check, "write /etc/ipsec.conf"]);
  });

  it("has each different set of proposals checked", () => {
    const odd = sampleEntry({ proposals: { ike: "aes128-sha256-modp3072" } });
    const connections = [sampleConnection(), numberedConnection(1)];
    const two = sample({ settings: sampleSettings([odd, ...entriesFor([numberedConnection(1)])]), connections });
    expect(only(stepsOf(two, withFiles(two, changed)), "check-proposals")).toEqual([
      "have charon check the proposals ike=aes128-sha256-modp3072 esp=aes256-sha256-modp2048",
      check,
    ]);
  });

  it.each<{ title: string; charon: Observed["charon"] }>([
    { title: "charon is away", charon: { kind: "absent", why: "it is stopped" } },
    { title: "there is no VICI", charon: { kind: "running", version: "5.9.8", via: "statusall", conns: [], sas: [] } },
  ])("goes in unchecked when $title", ({ charon }) => {
    expect(lines(stepsOf(own, { ...withFiles(own, changed), charon }))).toEqual(["write /etc/ipsec.conf"]);
  });
});

describe("include mode", () => {
  const mains = {
    "/etc/ipsec.conf": fileOnDisk("conn mine\n\tauto=add\n"),
    "/etc/ipsec.secrets": fileOnDisk("1.2.3.4 : PSK x", { mode: 0o600 }),
  };
  const MARKED = "# spacegate: the next line is the agent's\n";
  const conf = "/etc/ipsec.d/spacegate.conf";

  it("adds one marked line to each main file, behind the owner's text", () => {
    const observed = withFiles(include, mains);
    expect(writtenTo(include, observed, "/etc/ipsec.conf").content.reveal()).toBe(
      `conn mine\n\tauto=add\n${MARKED}include ${conf}\n`,
    );
    expect(writtenTo(include, observed, "/etc/ipsec.secrets").content.reveal()).toBe(
      `1.2.3.4 : PSK x\n${MARKED}include /etc/ipsec.d/spacegate.secrets\n`,
    );
  });

  it("keeps the main files' modes, and keeps no copy of what it does not replace", () => {
    const observed = withFiles(include, { ...mains, "/etc/ipsec.conf": fileOnDisk("x\n", { mode: 0o640 }) });
    expect(writtenTo(include, observed, "/etc/ipsec.conf").mode).toBe(0o640);
    expect(only(stepsOf(include, observed), "keep-original")).toEqual([]);
  });

  it("makes main files where there are none, the secrets for root alone", () => {
    const observed = matchingHost(include);
    expect(writtenTo(include, observed, "/etc/ipsec.conf").content.reveal()).toBe(`${MARKED}include ${conf}\n`);
    expect(writtenTo(include, observed, "/etc/ipsec.secrets").mode).toBe(0o600);
  });

  it("writes the included files before the lines that include them", () => {
    expect(only(stepsOf(include, { ...matchingHost(include), files: {} }), "write-file")).toEqual([
      "write /etc/ipsec.d/spacegate.conf",
      "write /etc/ipsec.d/spacegate.secrets",
      "write /etc/strongswan.d/spacegate.conf",
      "write /etc/ipsec.conf",
      "write /etc/ipsec.secrets",
    ]);
  });

  it("has nothing to do once the lines are there, wherever the owner moved them", () => {
    const observed = withFiles(include, {
      "/etc/ipsec.conf": fileOnDisk(`  include ${conf}  \nconn mine\n`),
      "/etc/ipsec.secrets": fileOnDisk("include /etc/ipsec.d/spacegate.secrets\r\n1.2.3.4 : PSK x\n"),
    });
    expect(stepsOf(include, observed)).toEqual([]);
  });

  it("never shows the owner's secrets", () => {
    expect(writtenTo(include, withFiles(include, mains), "/etc/ipsec.secrets").shown).not.toContain("PSK x");
  });

  it("after own mode puts back what the owner had, without the agent's old conns and PSKs", () => {
    const observed = withFiles(include, {
      "/etc/ipsec.conf": fileOnDisk(fileOf(own, "ipsec.conf").content.reveal()),
      "/etc/ipsec.conf.before-spacegate": fileOnDisk("conn mine\n"),
      "/etc/ipsec.secrets": fileOnDisk(fileOf(own, "ipsec.secrets").content.reveal(), { mode: 0o600 }),
    });
    expect(writtenTo(include, observed, "/etc/ipsec.conf").content.reveal()).toBe(`conn mine\n${MARKED}include ${conf}\n`);
    expect(writtenTo(include, observed, "/etc/ipsec.secrets").content.reveal()).toBe(
      `${MARKED}include /etc/ipsec.d/spacegate.secrets\n`,
    );
  });
});

describe("withInclude", () => {
  it("adds its line once", () => {
    const once = withInclude("conn mine\n", "/etc/x.conf");
    expect(withInclude(once, "/etc/x.conf")).toBe(once);
  });

  it("is not satisfied by a line that is commented out", () => {
    expect(withInclude("# include /etc/x.conf\n", "/etc/x.conf")).toContain("\ninclude /etc/x.conf\n");
  });
});

describe("conns of connections that are not known now", () => {
  const conn = "spacegate.acme-space.office.1";
  const holds = (text: string) => holdsMissing(own.files, withFiles(own, { "/etc/ipsec.conf": fileOnDisk(text) }), [conn]);

  it.each([`conn ${conn}\n\tauto=add\n`, `conn   ${conn} # mine\n`, `\tconn\t${conn}`])("are found in %j", (text) => {
    expect(holds(text)).toBe(true);
  });

  it.each([`conn ${conn}0\n`, `# conn ${conn}\n`, "conn spacegate.acme-space.office.2\n", ""])("are not found in %j", (text) => {
    expect(holds(text)).toBe(false);
  });

  it("are not found where there is no file", () => {
    expect(holdsMissing(own.files, { ...matchingHost(own), files: {} }, [conn])).toBe(false);
  });
});
