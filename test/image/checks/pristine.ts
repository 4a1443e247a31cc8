import { check, checkEqual } from "../../lab/check.ts";
import { RootDisk } from "../disk.ts";
import type { ImageCheck } from "./check.ts";

/** What belongs to one machine, and so must be made at its first boot; nothing may lie there before. */
const EMPTY = [
  "/root/.ssh",
  "/etc/credstore",
  "/etc/credstore.encrypted",
  "/var/lib/cloud/instances",
  "/var/lib/spacegate",
  "/var/tmp",
];

/** systemd makes these of itself, empty, for graphical sessions. */
const SOCKETS = /^\.(X11|ICE|XIM|font)-unix$/;

const pristine: ImageCheck = {
  name: "pristine",
  title: "The image has no host key, machine id, login, settings or secret before its first boot",
  run: async (lab) => {
    const disk = await RootDisk.open(lab.image.disk);
    lab.findings.notes.push(
      `installed: ${((await disk.usedBytes()) / 1e6).toFixed(0)} MB of the disk, the file system's own tables and journal among them`,
    );
    const ssh = await disk.list("/etc/ssh");
    check(ssh.includes("sshd_config"), `the disk should be readable, found ${ssh}`);
    checkEqual(
      ssh.filter((name) => name.startsWith("ssh_host_")),
      [],
      "host keys",
    );
    check(/^(uninitialized)?\s*$/.test(await disk.read("/etc/machine-id")), "/etc/machine-id should be empty");
    checkEqual(await disk.read("/var/lib/dbus/machine-id"), "", "D-Bus's machine id");
    check(!(await disk.list("/var/lib/systemd")).includes("random-seed"), "a random seed would be the same everywhere");
    for (const directory of EMPTY) checkEqual(await disk.list(directory), [], directory);
    for (const home of await disk.list("/home")) checkEqual(await disk.list(`/home/${home}/.ssh`), [], `${home}'s keys`);
    for (const name of await disk.list("/tmp")) {
      check(SOCKETS.test(name), `/tmp should be empty, found ${name}`);
      checkEqual(await disk.list(`/tmp/${name}`), [], `/tmp/${name}`);
    }
    const settings = await disk.list("/etc/spacegate");
    checkEqual(settings, [], "/etc/spacegate");
    const passwords = (await disk.read("/etc/shadow")).split("\n").filter((line) => /^[^:]+:[^:*!]/.test(line));
    checkEqual(passwords.length, 0, "users with a password");
  },
};

export const pristineChecks = [pristine] as const;
