import { execFile } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { messageOf } from "../../agent/lib/errors.ts";
import { LabError } from "./check.ts";

const execute = promisify(execFile);

/** Needed whatever the engine. strongswan-swanctl brings the VICI plugin; gmp (modp2048) is in libstrongswan itself. */
const BASE = ["strongswan-starter", "strongswan-charon", "strongswan-swanctl", "iproute2", "iputils-ping", "util-linux"];

/** What a PrivateLink's far end may be and who speaks with it, the VPC's resolver, and AWS's own description of its calls. */
export const FAR_ENDS = ["dnsmasq-base", "openssl", "postgresql", "python3-botocore", "redis-server"];

const isInstalled = async (name: string): Promise<boolean> => {
  try {
    const { stdout } = await execute("dpkg-query", ["-s", name]);
    return stdout.includes("\nStatus: install ok installed\n");
  } catch {
    return false;
  }
};

const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Debian starts a service as soon as its package is installed; here that would be a charon on this machine's own ports, which
 * nobody asked for. invoke-rc.d and deb-systemd-invoke ask this file first. It exists for the time of the installation only,
 * and an administrator's own is left alone.
 */
const withoutStartingServices = async (install: () => Promise<unknown>): Promise<void> => {
  const own = !existsSync(POLICY);
  if (own) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await install();
  } finally {
    if (own) rmSync(POLICY, { force: true });
  }
};

const aptGet = (...args: string[]) =>
  execute("apt-get", ["-q", "-y", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
    maxBuffer: 64 * 1024 * 1024,
  });

/** Installs what is missing of the lab's Debian packages. Throws a LabError that says what to do when it cannot. */
export const installPackages = async (extra: readonly string[], progress: (text: string) => void): Promise<void> => {
  const wanted = [...BASE, ...extra];
  const installed = await Promise.all(wanted.map(isInstalled));
  const missing = wanted.filter((_, index) => !installed[index]);
  if (missing.length === 0) return;
  const names = missing.join(" ");
  if (!existsSync("/usr/bin/apt-get")) throw new LabError(`The lab needs Debian or Ubuntu, or these packages: ${names}`);
  progress(`installing the Debian packages ${names}`);
  const install = () => aptGet("install", "--no-install-recommends", ...missing);
  try {
    await withoutStartingServices(() => install().catch(() => aptGet("update").then(install)));
  } catch (thrown) {
    throw new LabError(`apt-get cannot install ${names}; install them by hand. ${messageOf(thrown)}`);
  }
};
