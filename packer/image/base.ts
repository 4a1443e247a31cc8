import { createHash } from "node:crypto";
import { cp, mkdir, open, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { moveTo } from "./move.ts";
import { type RunOptions, run } from "./run.ts";

export const SUITES = ["bookworm", "trixie"] as const;
export type Suite = (typeof SUITES)[number];

/** What a cloud's own Debian image has, as far as a gateway needs it. */
const PACKAGES = [
  ...["linux-image-cloud-amd64", "initramfs-tools", "grub-pc-bin", "systemd-sysv", "systemd-resolved", "libnss-resolve"],
  ...["systemd-timesyncd", "udev", "dbus", "kmod", "apparmor", "openssh-server", "cloud-init", "cloud-guest-utils", "netplan.io"],
  ...["sudo", "ca-certificates", "curl", "iproute2", "e2fsprogs", "fdisk", "bash-completion", "less", "man-db", "nano"],
];

const SECTOR = 512;
const DISK_BYTES = 4096 * 1024 ** 2;
/** Where the partition begins; GRUB's core fits in before it. */
const OFFSET = 2048 * SECTOR;
const MODULES = ["biosdisk", "part_msdos", "ext2", "search", "search_label", "normal", "linux", "configfile"];

const menuEntry = (title: string, suffix: string): string => `menuentry "${title}" {
  linux /vmlinuz${suffix} root=LABEL=root ro console=tty0 console=ttyS0,115200
  initrd /initrd.img${suffix}
}
`;

// Debian keeps these links at the newest kernel and at the one before it, so an update of the kernel changes nothing here, and GRUB's
// own installer and its questions are not needed.
const GRUB_CONFIG = `set timeout=1
search --no-floppy --label root --set=root
${menuEntry("Debian", "")}${menuEntry("Debian, the kernel before", ".old")}`;

const FILES: Readonly<Record<string, string>> = {
  "etc/fstab": "LABEL=root / ext4 errors=remount-ro 0 1\n",
  "etc/hostname": "gateway\n",
  "etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
  // Made anew at each machine's first boot.
  "etc/machine-id": "",
  "boot/grub/grub.cfg": GRUB_CONFIG,
};

/** Removed: the recipe's own option for apt, and host keys, which openssh-server makes when it is installed. */
const UNWANTED = [
  "etc/apt/apt.conf.d/99mmdebstrap",
  ...["ecdsa", "ed25519", "rsa"].flatMap((type) => ["", ".pub"].map((suffix) => `etc/ssh/ssh_host_${type}_key${suffix}`)),
];

const GRUB = "usr/lib/grub/i386-pc";

const makeRoot = async (root: string, suite: Suite, temporary: string, options: RunOptions): Promise<void> => {
  const args = [
    ...["--variant=minbase", "--mode=root", "--format=directory", '--aptopt=APT::Install-Recommends "false"'],
    ...[`--include=${PACKAGES.join(",")}`, suite, root],
  ];
  await run("mmdebstrap", args, { ...options, env: { TMPDIR: temporary } });
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  }
  for (const path of UNWANTED) await rm(join(root, path), { force: true });
  // There is nothing for it to reap: the file system lies on no logical volume.
  await symlink("/dev/null", join(root, "etc/systemd/system/e2scrub_reap.service"));
  await cp(join(root, GRUB), join(root, "boot/grub/i386-pc"), { recursive: true, filter: (path) => !path.endsWith(".img") });
};

/** Puts GRUB in front of the partition, as grub-install would, without a loop device. */
const writeBootSector = async (disk: string, root: string, scratch: string, options: RunOptions): Promise<void> => {
  const core = join(scratch, "core.img");
  const format = ["-d", join(root, GRUB), "-O", "i386-pc", "-p", "(hd0,msdos1)/boot/grub"];
  await run(join(root, "usr/bin/grub-mkimage"), [...format, "-o", core, ...MODULES], options);
  const image = await readFile(core);
  if (SECTOR + image.length > OFFSET)
    throw new Error(`GRUB's core has ${image.length} bytes and does not fit before the partition`);
  const boot = await readFile(join(root, GRUB, "boot.img"));
  const file = await open(disk, "r+");
  try {
    // The partition table begins at byte 446.
    await file.write(boot, 0, 440, 0);
    await file.write(image, 0, image.length, SECTOR);
  } finally {
    await file.close();
  }
};

const makeDisk = async (suite: Suite, scratch: string, options: RunOptions): Promise<string> => {
  const [root, disk, result] = [join(scratch, "root"), join(scratch, "disk.raw"), join(scratch, "base.qcow2")];
  await makeRoot(root, suite, scratch, options);
  await writeFile(disk, "");
  await truncate(disk, DISK_BYTES);
  const table = join(scratch, "table");
  await writeFile(table, `start=${OFFSET / SECTOR}, type=83, bootable\n`);
  await run("sh", ["-c", 'sfdisk -q "$0" <"$1"', disk, table], options);
  const extended = ["-L", "root", "-d", root, "-E", `offset=${OFFSET}`, "-F", disk, `${(DISK_BYTES - OFFSET) / 1024}k`];
  await run("mke2fs", ["-q", "-t", "ext4", ...extended], options);
  await writeBootSector(disk, root, scratch, options);
  await run("qemu-img", ["convert", "-O", "qcow2", disk, result], options);
  return result;
};

const recipeOf = (suite: Suite): string =>
  createHash("sha256")
    .update(JSON.stringify([suite, PACKAGES, DISK_BYTES, MODULES, FILES, UNWANTED]))
    .digest("hex")
    .slice(0, 12);

/**
 * A disk that boots Debian, made of Debian's packages alone; it is kept, and made again when this recipe changes. Packages that
 * have been updated since come with the image's build. Returns its path.
 */
export const baseDisk = async (suite: Suite, cache: string, scratch: string, options: RunOptions): Promise<string> => {
  const path = join(cache, `base-${suite}-${recipeOf(suite)}.qcow2`);
  const found = await stat(path).catch(() => undefined);
  if (found) return path;
  await mkdir(cache, { recursive: true });
  await moveTo(await makeDisk(suite, scratch, options), path);
  return path;
};
