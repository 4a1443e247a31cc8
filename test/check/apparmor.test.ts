import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { allows, gatherAppArmor } from "../../agent/check/apparmor.ts";
import { readerOf } from "./support.ts";

/** The rules of Debian 12's profile, strongswan-charon 5.9.8, that concern files. */
const DEBIAN = await readFile(new URL("fixtures/usr.lib.ipsec.charon", import.meta.url), "utf8");

describe("allows", () => {
  it.each([
    ["/etc/ipsec.secrets", "r", true],
    ["/etc/ipsec.d/spacegate.secrets", "r", true],
    ["/etc/ipsec.mine.secrets", "r", true],
    ["/etc/strongswan.d/charon/vici.conf", "r", true],
    ["/run/charon.vici", "rw", true],
    ["/var/run/systemd/notify", "w", true],
    ["/run/systemd/notify", "w", true],
    ["/etc/ipsec.secrets", "w", false],
    ["/var/log/charon.log", "w", false],
    ["/run/charon/vici", "rw", false],
    ["/etc/shadow", "r", false],
  ])("reads Debian's profile: %s %s is %s", (path, permissions, expected) => {
    expect(allows(DEBIAN, path, permissions)).toBe(expected);
  });

  it("lets a denial win", () => {
    expect(allows("  /etc/** r,\n  deny /etc/ipsec.secrets r,", "/etc/ipsec.secrets", "r")).toBe(false);
  });
});

describe("gatherAppArmor", () => {
  const loaded = "/usr/sbin/ntpd (enforce)\n/usr/lib/ipsec/charon (enforce)\n/usr/lib/ipsec/stroke (enforce)\n";

  it("reads charon's profile with the site's additions", async () => {
    const reader = readerOf({
      "/sys/kernel/security/apparmor/profiles": loaded,
      "/etc/apparmor.d/usr.lib.ipsec.charon": "own",
      "/etc/apparmor.d/local/usr.lib.ipsec.charon": "local",
    });
    await expect(gatherAppArmor(reader)).resolves.toEqual([
      { name: "/usr/lib/ipsec/charon", mode: "enforce", rules: "own\nlocal" },
    ]);
  });

  it("does not know the rules of a profile that lies elsewhere", async () => {
    const [profile] = (await gatherAppArmor(readerOf({ "/sys/kernel/security/apparmor/profiles": loaded }))) ?? [];
    expect(profile).toMatchObject({ mode: "enforce", rules: undefined });
  });

  it("tells a kernel without AppArmor from one without a profile for charon", async () => {
    await expect(gatherAppArmor(readerOf({}))).resolves.toBeUndefined();
    await expect(gatherAppArmor(readerOf({ "/sys/kernel/security/apparmor/profiles": "" }))).resolves.toEqual([]);
  });
});
