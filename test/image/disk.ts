import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { check } from "../lab/check.ts";

const execute = promisify(execFile);

const SECTOR = 512;

interface PartitionTable {
  readonly partitiontable: { readonly partitions: readonly { readonly start: number; readonly size: number }[] };
}

/** The root file system of a raw disk, read without mounting it. */
export class RootDisk {
  readonly #place: string;

  private constructor(place: string) {
    this.#place = place;
  }

  /** Takes the largest partition for the root file system. */
  static async open(disk: string): Promise<RootDisk> {
    const { partitiontable } = JSON.parse((await execute("sfdisk", ["--json", disk])).stdout) as PartitionTable;
    const [largest] = partitiontable.partitions.toSorted((one, other) => other.size - one.size);
    check(largest !== undefined, `${disk} has no partition`);
    return new RootDisk(`${disk}?offset=${largest.start * SECTOR}`);
  }

  /** The names in a directory; none when there is no such directory. */
  async list(directory: string): Promise<string[]> {
    return (await this.#ask(`ls -p ${directory}`)).split("\n").flatMap((line) => {
      const name = line.split("/")[5];
      return name === undefined || name === "" || name === "." || name === ".." ? [] : [name];
    });
  }

  /** The text of a file; "" when there is none. */
  read(path: string): Promise<string> {
    return this.#ask(`cat ${path}`);
  }

  async usedBytes(): Promise<number> {
    const text = await this.#ask("stats -h");
    const field = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(text)?.[1]);
    return (field("Block count") - field("Free blocks")) * field("Block size");
  }

  async #ask(request: string): Promise<string> {
    return (await execute("debugfs", ["-R", request, this.#place], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  }
}
