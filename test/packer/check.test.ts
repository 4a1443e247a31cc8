import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { directory, PACKER, put } from "./support.ts";

/** What a cleaned image looks like, as far as it is looked at. */
const clean = async (): Promise<string> => {
  const root = directory();
  await put(root, "etc/machine-id", "");
  await put(root, "etc/shadow", "root:*:20000:0:99999:7:::\nadmin:!:20000:0:99999:7:::\n");
  await put(root, "etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
  await put(root, "root/.bashrc", "umask 022\n");
  await put(root, "home/admin/.profile", "umask 022\n");
  await put(root, "var/log/wtmp", "");
  await mkdir(join(root, "var/lib/apt/lists/partial"), { recursive: true });
  return root;
};

const judge = async (root: string): Promise<{ readonly failed: boolean; readonly said: string }> => {
  const { failed, stderr } = await execa("sh", [join(PACKER, "check.sh"), root], { reject: false });
  return { failed, said: stderr };
};

const LEFT: readonly (readonly [what: string, path: string, text: string])[] = [
  ["a host key", "etc/ssh/ssh_host_ed25519_key", "key"],
  ["a machine id", "etc/machine-id", "0123456789abcdef0123456789abcdef\n"],
  ["D-Bus's copy of it", "var/lib/dbus/machine-id", "0123456789abcdef0123456789abcdef\n"],
  ["a random seed", "var/lib/systemd/random-seed", "seed"],
  ["root's authorized key", "root/.ssh/authorized_keys", "ssh-ed25519 AAAA packer\n"],
  ["the build user's authorized key", "home/admin/.ssh/authorized_keys2", "ssh-ed25519 AAAA packer\n"],
  ["a shell's history", "home/admin/.bash_history", "ls\n"],
  ["root's history", "root/.python_history", "exit()\n"],
  ["apt's log", "var/log/apt/history.log", "Start-Date\n"],
  ["a journal", "var/log/journal/0123/system.journal", "x"],
  ["logins", "var/log/wtmp", "x"],
  ["cloud-init's instance", "var/lib/cloud/instances/build/user-data.txt", "#cloud-config\n"],
  ["the network of the build's machine", "etc/netplan/50-cloud-init.yaml", "network: {}\n"],
  ["lists of packages", "var/lib/apt/lists/deb.debian.org_Release", "x"],
  ["a downloaded package", "var/cache/apt/archives/x.deb", "x"],
  ["the uploaded package", "tmp/spacegate/spacegate.deb", "x"],
  ["settings", "etc/spacegate/config.yaml", "connections: []\n"],
  ["a token", "etc/credstore/heroku-api-key", "x"],
  ["a token in another file", "etc/default/heroku", "HRKU-01234567-89ab-cdef-0123-456789abcdef\n"],
  ["a private key", "etc/ssl/private/x.pem", "-----BEGIN EC PRIVATE KEY-----\n"],
  ["a password", "etc/shadow", "root:$y$j9T$x$y:20000:0:99999:7:::\n"],
  ["a user who needs no password", "etc/shadow", "root::20000:0:99999:7:::\n"],
  ["a locked password", "etc/shadow", "root:!$y$j9T$x$y:20000:0:99999:7:::\n"],
];

describe("the check at the end of the build", () => {
  it("passes an image that has nothing of its build", async () => {
    expect(await judge(await clean())).toEqual({ failed: false, said: "" });
  });

  for (const [what, path, text] of LEFT) {
    it(`fails for ${what}, and names the file`, async () => {
      const root = await clean();
      await put(root, path, text);
      const { failed, said } = await judge(root);
      expect(failed).toBe(true);
      expect(said).toContain(`/${path}`);
      expect(said.split("\n")).toHaveLength(1);
    });
  }

  it("says all that it finds", async () => {
    const root = await clean();
    await put(root, "etc/machine-id", "0123\n");
    await put(root, "root/.bash_history", "ls\n");
    expect((await judge(root)).said.split("\n")).toHaveLength(2);
  });
});
