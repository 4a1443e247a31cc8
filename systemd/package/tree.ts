import { createHash } from "node:crypto";
import { chmod, cp, lstat, lutimes, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** A package's files as they will be on a host, below a directory of the builder's. */
export class Tree {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Where a path on the host is now; its directory is made. */
  async place(path: string): Promise<string> {
    const placed = join(this.directory, path);
    await mkdir(dirname(placed), { recursive: true });
    return placed;
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    await writeFile(await this.place(path), content);
  }

  /** gzip without a name and a time in it, as Debian's manual pages and changelogs are kept. */
  async writeCompressed(path: string, text: string): Promise<void> {
    await this.write(path, gzipSync(text, { level: 9 }));
  }

  async copy(from: string, path: string): Promise<void> {
    await cp(from, await this.place(path), { recursive: true });
  }

  /** Sets every mode and time, whatever the builder's umask and clock are. Returns the content's size as Debian counts it, in KiB. */
  async finish(executables: readonly string[], moment: Date): Promise<number> {
    const programs = new Set(executables.map((path) => join(this.directory, path)));
    let size = 0;
    for (const name of ["", ...(await readdir(this.directory, { recursive: true })).sort()]) {
      const path = join(this.directory, name);
      const stats = await lstat(path);
      const mode = stats.isDirectory() || programs.has(path) ? 0o755 : 0o644;
      await chmod(path, mode);
      size += stats.isFile() ? Math.ceil(stats.size / 1024) : 1;
    }
    for (const name of ["", ...(await readdir(this.directory, { recursive: true }))])
      await lutimes(join(this.directory, name), moment, moment);
    return size;
  }

  /** md5sum's lines for every file, in order: what `dpkg --verify` goes by. */
  async checksums(): Promise<string> {
    const lines: string[] = [];
    for (const name of (await readdir(this.directory, { recursive: true })).sort()) {
      const path = join(this.directory, name);
      if (!(await lstat(path)).isFile()) continue;
      lines.push(
        `${createHash("md5")
          .update(await readFile(path))
          .digest("hex")}  ${name}`,
      );
    }
    return `${lines.join("\n")}\n`;
  }
}
