import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { directory, PACKER, put } from "./support.ts";

const textOf = (name: string): Promise<string> => readFile(join(PACKER, "files", name), "utf8");

describe("unattended upgrades", () => {
  // As Debian's own file is read, which comes first and allows more.
  const settings = async (): Promise<string[]> => {
    const root = directory();
    const debian = 'Unattended-Upgrade::Origins-Pattern { "origin=Debian,codename=bookworm,label=Debian"; };\n';
    await put(root, "apt.conf.d/50unattended-upgrades", debian);
    await put(root, "apt.conf.d/52spacegate", await textOf("unattended-upgrades.conf"));
    await put(root, "apt.conf", `Dir::Etc::parts "${root}/apt.conf.d";\n`);
    const { stdout } = await execa("apt-config", ["dump"], { env: { APT_CONFIG: join(root, "apt.conf") } });
    return stdout.split("\n").filter((line) => /^(Unattended-Upgrade|APT::Periodic)::/.test(line));
  };

  it("take security updates, and nothing else", async () => {
    const origins = (await settings()).filter((line) => /Origins-Pattern::|Allowed-Origins::/.test(line));
    expect(origins).toHaveLength(2);
    for (const line of origins) expect(line).toMatch(/\$\{distro_codename\}-security/);
    expect(await settings()).toContain('APT::Periodic::Unattended-Upgrade "1";');
  });

  it("never reboot by themselves: only the window does, and drains first", async () => {
    expect(await settings()).toContain('Unattended-Upgrade::Automatic-Reboot "false";');
    const [, drain, reboot, afterwards] = (await textOf("spacegate-reboot.service")).split(/^Exec\w+=/m);
    expect(drain).toContain("spacegate drain --for");
    expect(reboot).toMatch(/^\/usr\/bin\/systemctl reboot$/m);
    // A gateway that was not rebooted after all serves again.
    expect(afterwards).toContain("spacegate drain --cancel");
  });
});

describe("cloud-init in the image", () => {
  it("writes settings in its first stage, and lets nobody in by password", async () => {
    const settings = parse(await textOf("cloud-init.cfg")) as Record<string, unknown>;
    expect(settings.cloud_init_modules).toContain("write-files");
    expect(settings.ssh_pwauth).toBe(false);
    expect(settings.datasource_list).toEqual(["NoCloud", "Ec2", "None"]);
  });
});

describe("the first boot's service", () => {
  it("may write settings, token and its own state, and nothing that runs or lets people in", async () => {
    const lines = (await textOf("spacegate-first-boot.service")).split("\n");
    const writable = lines.filter((line) => /^(ReadWritePaths|StateDirectory)=/.test(line));
    expect(writable).toEqual(["StateDirectory=spacegate", "ReadWritePaths=/etc/spacegate -/etc/credstore"]);
    expect(lines).toEqual(expect.arrayContaining(["ProtectSystem=strict", "CapabilityBoundingSet=", "NoNewPrivileges=yes"]));
  });
});
