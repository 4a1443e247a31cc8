import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { check, checkEqual } from "../lab/check.ts";

const execute = promisify(execFile);

const DEPENDS = ["strongswan-starter", "strongswan-charon", "strongswan-swanctl", "iproute2", "iputils-ping", "nftables"];

const FILES: Readonly<Record<string, string>> = {
  "usr/bin/spacegate": "755",
  "usr/lib/spacegate/dist/spacegate.mjs": "644",
  "usr/lib/spacegate/node": "755",
  "usr/lib/spacegate/templates/ipsec.conf.hbs": "644",
  "usr/lib/systemd/system/spacegate.service": "644",
  "usr/share/bash-completion/completions/spacegate": "644",
  "usr/share/doc/spacegate/changelog.Debian.gz": "644",
  "usr/share/doc/spacegate/changelog.gz": "644",
  "usr/share/doc/spacegate/copyright": "644",
  "usr/share/doc/spacegate/examples/config.schema.json": "644",
  "usr/share/doc/spacegate/examples/config.yaml": "644",
  "usr/share/doc/spacegate/sbom.cdx.json": "644",
  "usr/share/fish/vendor_completions.d/spacegate.fish": "644",
  "usr/share/lintian/overrides/spacegate": "644",
  "usr/share/man/man8/spacegate.8.gz": "644",
  "usr/share/zsh/vendor-completions/_spacegate": "644",
};

const field = async (deb: string, name: string): Promise<string> => (await execute("dpkg-deb", ["-f", deb, name])).stdout.trim();

export const checkControl = async (deb: string, architecture: string): Promise<void> => {
  checkEqual(await field(deb, "Architecture"), architecture, "Architecture");
  const depends = (await field(deb, "Depends")).split(", ").map((one) => one.split(" ")[0] ?? "");
  for (const name of DEPENDS) check(depends.includes(name), `the package should depend on ${name}`);
  check(!depends.includes("charon-systemd") && !depends.includes("strongswan"), "a second daemon should not come along");
};

/** Every file is as it should be, and none is there that nobody thought of. */
export const checkFiles = async (directory: string): Promise<void> => {
  for (const [path, mode] of Object.entries(FILES)) {
    const stats = await stat(join(directory, path)).catch(() => undefined);
    check(stats !== undefined && stats.size > 0, `${path} should be in the package`);
    checkEqual((stats.mode & 0o7777).toString(8), mode, `the mode of ${path}`);
  }
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = names.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
  const others = paths
    .map((path) => path.slice(directory.length + 1))
    .filter(
      (path) =>
        !(path in FILES) && !/^usr\/lib\/spacegate\/(dist\/[\w-]+\.mjs|templates\/[\w./-]+\.(hbs|css|js|yaml))$/.test(path),
    );
  checkEqual(others, [], "files that nobody expects");
};

/** What a secret looks like, the words of this machine's own environment, and where the package was made. */
const forbidden = (root: string): RegExp[] => {
  const words = Object.entries(process.env).flatMap(([name, value = ""]) =>
    /token|secret|password|api_?key/i.test(name) && value.length > 7 ? [value] : [],
  );
  const places = [root.replace(/\/$/, ""), homedir() === "/root" ? "/root/.npm" : homedir(), `${tmpdir()}/spacegate-package`];
  return [
    /HRKU-[\w-]{20,}/,
    /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}/,
    /\b(npm|gh[pos])_[A-Za-z0-9]{30,}/,
    /\bAKIA[0-9A-Z]{16}\b/,
    ...[...words, ...places].map((text) => new RegExp(text.replaceAll(/[^\w]/g, "\\$&"))),
  ];
};

export const checkSecrets = async (directory: string, root: string): Promise<void> => {
  const patterns = forbidden(root);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // Node's own is the same for everybody: its hash is in the recipe.
    if (!entry.isFile() || path.endsWith("/usr/lib/spacegate/node")) continue;
    const bytes = await readFile(path);
    const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
    const found = patterns.find((pattern) => pattern.test(text));
    check(
      found === undefined,
      `${path.slice(directory.length)} has what looks like a secret or a place of this machine: ${found}`,
    );
  }
};

interface Bom {
  readonly components: readonly { readonly name: string; readonly version: string; readonly licenses?: unknown }[];
}

/** Everything that the SBOM names has its licence told, and the other way round. */
export const checkLegal = async (directory: string): Promise<void> => {
  const documents = join(directory, "usr/share/doc/spacegate");
  const { components } = JSON.parse(await readFile(join(documents, "sbom.cdx.json"), "utf8")) as Bom;
  const copyright = await readFile(join(documents, "copyright"), "utf8");
  const told = [...copyright.matchAll(/^(\S+) (\S+), in \/usr\/lib\/spacegate\/dist$/gm)].map(
    ([, name, version]) => `${name} ${version}`,
  );
  const listed = components.map(({ name, version }) => `${name} ${version}`).filter((text) => !text.startsWith("node-linux-"));
  checkEqual(told.toSorted(), listed.toSorted(), "packages in the copyright file and in the SBOM");
  check(components.length === listed.length + 1, "the SBOM should name Node");
};

const MACHINES: Readonly<Record<string, string>> = { amd64: "Advanced Micro Devices X86-64", arm64: "AArch64" };

/** Node is for that architecture, and needs no newer library than the package depends on. */
export const checkRuntime = async (directory: string, deb: string, architecture: string): Promise<void> => {
  const node = join(directory, "usr/lib/spacegate/node");
  const { stdout } = await execute("readelf", ["-h", "-d", "-V", node], { maxBuffer: 50_000_000 });
  check(stdout.includes(MACHINES[architecture] ?? "?"), `Node should be for ${architecture}`);
  const needed = [...stdout.matchAll(/NEEDED.*\[(\w+)/g)].map(([, name]) => name ?? "").toSorted();
  const known = ["ld", "libc", "libdl", "libgcc_s", "libm", "libpthread", "libstdc"];
  checkEqual(needed, known, "libraries that Node needs");
  const newest = [...stdout.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
  check(
    (await field(deb, "Depends")).includes(`libc6 (>= 2.${Math.max(...newest)})`),
    "libc6 in Depends should be what Node needs",
  );
};
