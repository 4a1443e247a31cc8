/** What a cell is told, in a file. */
export interface ImageOptions {
  /** The image as a raw disk that may be written to. */
  readonly disk: string;
  /** The .deb of a higher version than the image has. */
  readonly upgrade: string;
  readonly accelerator: "kvm" | "tcg";
  /** The same program as in the machine, unpacked on this one: how long it takes tells how slow the machine is. */
  readonly unpacked: string;
  /** Names of checks; none means all. */
  readonly only: readonly string[];
}
